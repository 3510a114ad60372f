package packetize

import (
	"slices"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability/scalabilitytest"
)

// Whatever modes follow each other, with layers that leave and come back, the descriptors say what each frame is.
func FuzzDependencyDescriptors(f *testing.F) {
	f.Add([]byte{8, 0, 1, 2, 0x83, 14, 0x40, 1, 2, 3, 0, 1})
	f.Add([]byte{0x88, 0x88, 8, 8, 8})
	f.Fuzz(func(t *testing.T, script []byte) {
		w, reader := &dependencyWriter{}, &descriptorReader{}
		var structure *scalability.Structure
		var mode media.ScalabilityMode
		for i, step := range script {
			if step&0x80 != 0 || structure == nil {
				var err error
				if mode, err = media.ParseScalabilityMode(scalabilitytest.Modes[int(step&0x7f)%len(scalabilitytest.Modes)]); err != nil {
					t.Fatal(err)
				}
				structure = scalability.New(mode)
			}
			frames := structure.Next(step&0x40 != 0, 1+int(step&3))
			structure.Coded(frames)
			picture := &media.EncodedFrame{Keyframe: frames[0].Key, Scalability: mode, Layers: scalability.Layers(frames)}
			for s := range picture.Layers {
				layer := &picture.Layers[s]
				layer.Data, layer.Width, layer.Height = []byte{1}, 160<<s, 90<<s
			}
			for at, layer := range picture.Layers {
				descriptor := w.next(picture, at).packet(true, at == len(picture.Layers)-1)
				got := reader.read(t, descriptor)
				if len(descriptor) > 255 || got.number != int(w.frame) || got.spatial != int(layer.Spatial) ||
					got.temporal != int(layer.Temporal) || !slices.Equal(got.references, layer.References) {
					t.Fatalf("step %d of %v: %+v of %+v", i, mode, got, layer)
				}
			}
		}
	})
}
