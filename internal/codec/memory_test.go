package codec_test

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestThousandPicturesAndCodecsLeaveNoMemoryBehind(t *testing.T) {
	// Threads that call C the first time get heaps of their own, which is no leak.
	const cycles, warmUp, mostGrowth = 1000, 400, 16 << 20
	for _, c := range codec.Supported(media.Video) {
		t.Run(c.MimeType, func(t *testing.T) {
			encoder, _, err := codec.NewVideoEncoder(c, codec.VideoSettings{})
			if err != nil {
				t.Fatal(err)
			}
			defer encoder.Close()
			decoder, err := codec.NewVideoDecoder(c)
			if err != nil {
				t.Fatal(err)
			}
			defer decoder.Close()
			before := 0
			for i := range cycles + warmUp {
				if i == warmUp {
					before = codectest.ResidentBytes(t)
				}
				// A change of size now and then makes a new encoder.
				frame := codectest.Bars(160+i/50%2*16, 120, i)
				data, _, err := encoder.Encode(frame, i%100 == 0)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) == 0 {
					continue
				}
				pictures, err := decoder.Decode(data, time.Duration(i))
				if err != nil {
					t.Fatal(err)
				}
				for _, picture := range pictures {
					picture.Release()
				}
			}
			if grown := codectest.ResidentBytes(t) - before; grown > mostGrowth {
				t.Errorf("memory grew by %d KiB", grown>>10)
			}
		})
	}
	for _, c := range codec.Supported(media.Audio) {
		t.Run(c.MimeType, func(t *testing.T) {
			before := 0
			for i := range cycles + warmUp {
				if i == warmUp {
					before = codectest.ResidentBytes(t)
				}
				encoder, _, err := codec.NewAudioEncoder(c, codec.AudioSettings{})
				if err != nil {
					t.Fatal(err)
				}
				decoder, err := codec.NewAudioDecoder(c)
				if err != nil {
					t.Fatal(err)
				}
				data, err := encoder.Encode(make([]int16, encoder.SampleRate()/50*encoder.Channels()))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := decoder.Decode(data, 0); err != nil {
					t.Fatal(err)
				}
				_ = encoder.Close()
				_ = decoder.Close()
			}
			if grown := codectest.ResidentBytes(t) - before; grown > mostGrowth {
				t.Errorf("memory grew by %d KiB", grown>>10)
			}
		})
	}
}
