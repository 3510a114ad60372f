package codec_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// layeredModes are what each codec can have, but for L1T1.
var layeredModes = map[string][]string{
	codec.MimeVP8:  {"L1T2", "L1T3"},
	codec.MimeH264: {"L1T2", "L1T3"},
	codec.MimeVP9: {
		"L1T2", "L1T3", "L2T1", "L2T2", "L2T3", "L3T1", "L3T2", "L3T3",
		"L2T1_KEY", "L2T2_KEY", "L2T3_KEY", "L3T1_KEY", "L3T2_KEY", "L3T3_KEY",
	},
	codec.MimeAV1: {
		"L1T2", "L1T3", "L2T1", "L2T2", "L2T3", "L3T1", "L3T2", "L3T3",
		"L2T1_KEY", "L2T2_KEY", "L2T3_KEY", "L3T1_KEY", "L3T2_KEY", "L3T3_KEY",
	},
}

func mode(t *testing.T, name string) media.ScalabilityMode {
	t.Helper()
	m, err := media.ParseScalabilityMode(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLayersCanBeLeftOut(t *testing.T) {
	for mimeType, names := range layeredModes {
		for _, name := range names {
			t.Run(mimeType+" "+name, func(t *testing.T) {
				codectest.Layers(t, media.Codec{MimeType: mimeType}, mode(t, name))
			})
		}
	}
}

func TestSpatialLayersFollowTheBitrate(t *testing.T) {
	for _, mimeType := range []string{codec.MimeVP9, codec.MimeAV1} {
		t.Run(mimeType, func(t *testing.T) {
			c := media.Codec{MimeType: mimeType}
			encoder, _, err := codec.NewVideoEncoder(c,
				codec.VideoSettings{Framerate: 30, Bitrate: 2_000_000, Scalability: mode(t, "L3T2")})
			if err != nil {
				t.Fatal(err)
			}
			defer encoder.Close()
			decoder, err := codec.NewVideoDecoder(c)
			if err != nil {
				t.Fatal(err)
			}
			defer decoder.Close()
			number, highest := 0, 0
			// encode gives how many layers the picture has, and shows what is decoded of it.
			encode := func() (layers int, keyframe bool) {
				t.Helper()
				data, keyframe, err := encoder.Encode(codectest.Bars(640, 360, number), false)
				number++
				if err != nil {
					t.Fatal(err)
				}
				if len(data) == 0 {
					return 0, false
				}
				layers = len(encoder.Layers())
				frames, err := decoder.Decode(data, 0)
				if err != nil || len(frames) != 1 {
					t.Fatalf("picture %d: %d pictures, %v", number, len(frames), err)
				}
				highest = frames[0].Width
				frames[0].Release()
				return layers, keyframe
			}
			for _, step := range []struct{ bitrate, layers, width int }{
				{2_000_000, 3, 640}, {250_000, 2, 320}, {60_000, 1, 160}, {250_000, 2, 320}, {2_000_000, 3, 640},
			} {
				if err := encoder.SetBitrate(step.bitrate); err != nil {
					t.Fatal(err)
				}
				grows := step.width > highest
				for i := range 20 {
					layers, keyframe := encode()
					if layers == 0 {
						continue
					}
					if layers != step.layers || highest != step.width || keyframe != grows {
						t.Fatalf("%d bit/s, picture %d: %d layers, %d wide, keyframe %v", step.bitrate, i, layers, highest, keyframe)
					}
					grows = false
				}
			}
		})
	}
}

func TestTemporalLayersGoOnAfterPicturesThatAreLeftOut(t *testing.T) {
	for _, mimeType := range []string{codec.MimeVP8, codec.MimeH264} {
		t.Run(mimeType, func(t *testing.T) {
			c := media.Codec{MimeType: mimeType}
			encoder, _, err := codec.NewVideoEncoder(c,
				codec.VideoSettings{Framerate: 30, Bitrate: 500_000, Scalability: mode(t, "L1T3")})
			if err != nil {
				t.Fatal(err)
			}
			defer encoder.Close()
			var decoders [3]codec.VideoDecoder
			for i := range decoders {
				if decoders[i], err = codec.NewVideoDecoder(c); err != nil {
					t.Fatal(err)
				}
				defer decoders[i].Close()
			}
			leftOut, coded, position := 0, 0, 0
			for i := range 200 {
				if i == 60 {
					err = encoder.SetBitrate(300_000)
				} else if i == 120 {
					err = encoder.SetBitrate(2_000_000)
				}
				if err != nil {
					t.Fatal(err)
				}
				picture := codectest.Bars(640, 360, i)
				if i >= 60 && i < 120 {
					// Noise, for which that is far too little.
					noise := rand.New(rand.NewPCG(0, uint64(i)))
					for at := range picture.Y {
						picture.Y[at] += byte(noise.Uint32() & 63)
					}
				}
				picture.PTS = time.Duration(i) * time.Second / 30
				// In the middle of a pattern, which then begins anew.
				data, keyframe, err := encoder.Encode(picture, i == 21)
				if err != nil {
					t.Fatalf("picture %d: %v", i, err)
				}
				if len(data) == 0 {
					leftOut++
					continue
				}
				if keyframe {
					position = 0
				}
				temporal := int(encoder.Layers()[0].Temporal)
				if want := []int{0, 2, 1, 2}[position%4]; temporal != want {
					t.Fatalf("picture %d is of layer %d, want %d", i, temporal, want)
				}
				coded, position = coded+1, position+1
				var whole *media.VideoFrame
				for highest := 2; highest >= temporal; highest-- {
					frames, err := decoders[highest].Decode(data, 0)
					if err != nil || len(frames) != 1 {
						t.Fatalf("picture %d up to layer %d: %d pictures, %v", i, highest, len(frames), err)
					}
					if highest == 2 {
						whole = frames[0]
						whole.Retain()
					} else if psnr := codectest.PSNR(whole, frames[0]); psnr < 99 {
						t.Errorf("picture %d up to layer %d differs: PSNR %.1f dB", i, highest, psnr)
					}
					frames[0].Release()
				}
				whole.Release()
			}
			if leftOut == 0 || coded < 70 {
				t.Errorf("%d pictures were coded, %d left out", coded, leftOut)
			}
		})
	}
}
