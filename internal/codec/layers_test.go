package codec_test

import (
	"fmt"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// TestTemporalLayersOfVP8CanBeLeftOut decodes only the pictures up to each
// layer, and from each sync point on with that layer: nothing may refer to what
// was left out.
func TestTemporalLayersOfVP8CanBeLeftOut(t *testing.T) {
	const width, height, pictures = 320, 240, 120
	for layers := 2; layers <= 3; layers++ {
		t.Run(fmt.Sprintf("L1T%d", layers), func(t *testing.T) {
			mode, err := media.ParseScalabilityMode(fmt.Sprintf("L1T%d", layers))
			if err != nil {
				t.Fatal(err)
			}
			encoder, _, err := codec.NewVideoEncoder(media.Codec{MimeType: codec.MimeVP8},
				codec.VideoSettings{Framerate: 30, Bitrate: 2_000_000, Scalability: mode})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = encoder.Close() }()
			type coded struct {
				data  []byte
				layer media.TemporalLayer
			}
			var stream []coded
			count := make([]int, layers)
			for i := range pictures {
				data, _, err := encoder.Encode(codectest.Bars(width, height, i), i == 60)
				if err != nil {
					t.Fatal(err)
				}
				layer := encoder.Layer()
				if len(data) == 0 {
					t.Fatalf("picture %d was left out", i)
				}
				if !layer.Layered || int(layer.ID) >= layers || i == 60 && layer.ID != 0 {
					t.Fatalf("picture %d is of layer %+v", i, layer)
				}
				count[layer.ID]++
				stream = append(stream, coded{data, layer})
			}
			for id, n := range count {
				if want := pictures >> min(layers-1, layers-id); n != want {
					t.Errorf("%d pictures of layer %d, want %d", n, id, want)
				}
			}
			// begin is the picture from which on the layer is received, most the highest that is.
			play := func(begin int, most uint8) {
				decoder, err := codec.NewVideoDecoder(media.Codec{MimeType: codec.MimeVP8})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = decoder.Close() }()
				for i, c := range stream {
					if c.layer.ID > most || c.layer.ID == most && most > 0 && i < begin {
						continue
					}
					frames, err := decoder.Decode(c.data, 0)
					if err != nil || len(frames) != 1 {
						t.Fatalf("picture %d: %d pictures, %v", i, len(frames), err)
					}
					if psnr := codectest.PSNR(codectest.Bars(width, height, i), frames[0]); psnr < 30 {
						t.Errorf("up to layer %d from picture %d on, picture %d: PSNR %.1f dB", most, begin, i, psnr)
					}
					frames[0].Release()
				}
			}
			play(0, 0)
			for most := 1; most < layers; most++ {
				play(0, uint8(most))
				for i, c := range stream[:8] {
					if c.layer.Sync && int(c.layer.ID) == most && i > 0 {
						play(i+16, uint8(most))
					}
				}
			}
		})
	}
}
