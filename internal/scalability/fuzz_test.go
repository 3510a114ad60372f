package scalability

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Whatever an encoder codes and leaves out, frames refer to frames that are kept, in as many buffers as there are.
func FuzzStructure(f *testing.F) {
	f.Add("L3T3", []byte{1, 2, 3, 0x13, 0x80, 2})
	f.Add("L2T3_KEY", []byte{3, 3, 3, 0x41, 3, 0x83})
	f.Fuzz(func(t *testing.T, name string, script []byte) {
		mode, err := media.ParseScalabilityMode(name)
		if err != nil {
			return
		}
		s := New(mode)
		var kept [8]int
		number := 0
		for _, step := range script {
			frames := s.Next(step&0x40 != 0, 1+int(step&3))
			if len(frames) == 0 || len(frames) > mode.SpatialLayers() {
				t.Fatalf("%d layers of %v", len(frames), mode)
			}
			if step&0x80 != 0 {
				continue
			}
			s.Coded(frames)
			for _, frame := range frames {
				number++
				for _, buffer := range []int{frame.Before, frame.Below} {
					if buffer != None && kept[buffer] == 0 {
						t.Fatalf("frame %d of %v refers to buffer %d, which is empty", number, mode, buffer)
					}
				}
				for _, back := range frame.References {
					if back < 1 || back >= number {
						t.Fatalf("frame %d of %v refers to %d before it", number, mode, back)
					}
				}
				if frame.Updates != None {
					kept[frame.Updates] = number
				}
			}
		}
	})
}
