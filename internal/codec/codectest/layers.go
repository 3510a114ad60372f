package codectest

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// layersRate is enough for all spatial layers of width and height.
const layersRate = 2_000_000

type layeredPicture struct {
	data     []byte
	keyframe bool
	layers   []media.FrameLayer
}

// Layers shows that the layers of a mode can be left out: it decodes only what
// each layer needs, from the beginning and from each point at which the layer
// may be joined.
func Layers(t *testing.T, c media.Codec, mode media.ScalabilityMode) {
	t.Helper()
	const pictures, again = 60, 32
	encoder, _, err := codec.NewVideoEncoder(c,
		codec.VideoSettings{Framerate: framerate, Bitrate: layersRate, Scalability: mode})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = encoder.Close() })
	var stream []layeredPicture
	for i := range pictures {
		data, keyframe := encode(t, encoder, Bars(width, height, i), i == again)
		if len(data) == 0 {
			t.Fatalf("picture %d was left out", i)
		}
		stream = append(stream, layeredPicture{data, keyframe, encoder.Layers()})
	}
	checkLayers(t, mode, stream, again)
	whole := decodeAll(t, c, stream)
	for spatial := range mode.SpatialLayers() {
		for temporal := range mode.TemporalLayers() {
			play(t, c, mode, stream, whole, spatial, temporal, 0)
			for i, p := range stream[:8] {
				if joins := p.layers[0]; joins.Sync && int(joins.Temporal) == temporal {
					play(t, c, mode, stream, whole, spatial, temporal, i)
				}
			}
		}
	}
}

// decodeAll gives each layer of each picture, which must be what was encoded.
func decodeAll(t *testing.T, c media.Codec, stream []layeredPicture) [][]*media.VideoFrame {
	t.Helper()
	decoder := newVideoDecoder(t, c)
	var scaler av.Scaler
	defer scaler.Close()
	var whole [][]*media.VideoFrame
	for i, p := range stream {
		var shown []*media.VideoFrame
		for _, l := range p.layers {
			want, err := scaler.Scale(Bars(width, height, i), l.Width, l.Height)
			if err != nil {
				t.Fatal(err)
			}
			got := decode(t, decoder, l.Data, 0)
			if psnr := PSNR(want, got); psnr < 27 {
				t.Errorf("picture %d of %dx%d, want %dx%d: PSNR %.1f dB",
					i, got.Width, got.Height, l.Width, l.Height, psnr)
			}
			want.Release()
			shown = append(shown, got)
		}
		whole = append(whole, shown)
	}
	return whole
}

// checkLayers looks at what is told of the layers.
func checkLayers(t *testing.T, mode media.ScalabilityMode, stream []layeredPicture, again int) {
	t.Helper()
	count := make([]int, mode.TemporalLayers())
	var earlier []media.FrameLayer
	for i, p := range stream {
		if p.keyframe != (i == 0 || i == again) {
			t.Fatalf("picture %d: keyframe %v", i, p.keyframe)
		}
		if len(p.layers) != mode.SpatialLayers() {
			t.Fatalf("picture %d has %d spatial layers", i, len(p.layers))
		}
		count[p.layers[0].Temporal]++
		for spatial, l := range p.layers {
			down := mode.SpatialLayers() - 1 - spatial
			if l.Width != width>>down || l.Height != height>>down || int(l.Spatial) != spatial ||
				l.Temporal != p.layers[0].Temporal || p.keyframe && l.Temporal != 0 || len(l.Data) == 0 {
				t.Fatalf("picture %d: layer %d is %+v", i, spatial, l)
			}
			for _, back := range l.References {
				to := earlier[len(earlier)-back]
				if to.Spatial > l.Spatial || to.Temporal > l.Temporal || l.Sync && back > spatial && to.Temporal > 0 ||
					mode.KeyOnly() && !p.keyframe && to.Spatial != l.Spatial {
					t.Errorf("picture %d: %+v refers to %+v", i, l, to)
				}
			}
			earlier = append(earlier, l)
		}
	}
	layers := len(count)
	for id, n := range count {
		if want := len(stream) >> min(layers-1, layers-id); n < want-1 || n > want+1 {
			t.Errorf("%d pictures of temporal layer %d, want %d", n, id, want)
		}
	}
}

// play decodes a layer and those that it needs, all but the lowest temporal one from
// picture begin on. Not a bit may differ from when all is received.
func play(
	t *testing.T, c media.Codec, mode media.ScalabilityMode, stream []layeredPicture, whole [][]*media.VideoFrame,
	spatial, temporal, begin int,
) {
	t.Helper()
	decoder, err := codec.NewVideoDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = decoder.Close() }()
	for i, p := range stream {
		id := int(p.layers[0].Temporal)
		if id > temporal || id > 0 && i < begin {
			continue
		}
		for _, l := range p.layers[:spatial+1] {
			if mode.KeyOnly() && !p.keyframe && int(l.Spatial) != spatial {
				continue
			}
			frames, err := decoder.Decode(l.Data, 0)
			if err != nil || len(frames) != 1 {
				t.Fatalf("layer %d.%d: picture %d: %d pictures, %v", spatial, temporal, i, len(frames), err)
			}
			if psnr := PSNR(whole[i][l.Spatial], frames[0]); psnr < 99 {
				t.Errorf("layer %d.%d from picture %d on: layer %d of picture %d differs: PSNR %.1f dB",
					spatial, temporal, begin, l.Spatial, i, psnr)
			}
			frames[0].Release()
		}
	}
}
