package codec

import (
	"errors"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Whatever parameters of multiopus a server tells: what is taken can be decoded.
func FuzzMultiopus(f *testing.F) {
	f.Add("channel_mapping=0,4,1,2,3,5;coupled_streams=2;num_streams=4", uint16(6), []byte{0xfc, 1, 2})
	f.Add("channel_mapping=0,1,2,255;coupled_streams=2;num_streams=2", uint16(4), []byte{0})
	f.Add("channel_mapping=0,0,0,0,0,0,0,0;coupled_streams=-1;num_streams=999999999999", uint16(8), []byte{})
	f.Fuzz(func(t *testing.T, parameters string, channels uint16, packet []byte) {
		c := media.Codec{MimeType: MimeMultiopus, ClockRate: 48_000, Channels: channels, Parameters: parameters}
		layout, err := MultiopusLayout(c)
		if err != nil {
			if !errors.Is(err, ErrInvalidInput) {
				t.Error(err)
			}

			return
		}
		if len(layout.Mapping) != int(channels) || channels > opus.MostChannels {
			t.Fatalf("%+v of %d channels", layout, channels)
		}
		decoder, err := NewAudioDecoder(c)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = decoder.Close() }()
		decodeSound(t, decoder, packet, int(channels))
	})
}

// decodeSound decodes a packet, and what is missing before and after it.
func decodeSound(t *testing.T, decoder AudioDecoder, packet []byte, channels int) {
	t.Helper()
	for i := range 2 {
		frame, err := decoder.Decode(packet, time.Duration(i)*time.Second)
		if err == nil && frame != nil && (len(frame.Samples)%channels != 0 || len(frame.Samples) > 48*120*channels*4) {
			t.Fatalf("%d samples of %d channels", len(frame.Samples), channels)
		}
		if frame, err := decoder.Conceal(60*time.Millisecond, packet, 0); err == nil && frame != nil && len(frame.Samples)%channels != 0 {
			t.Fatalf("%d samples of %d channels", len(frame.Samples), channels)
		}
	}
}

// Frames of strangers are decoded to pictures and sound within bounds, or refused.
func FuzzDecoders(f *testing.F) {
	f.Add(uint8(0), []byte{0x10, 2, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0, 0, 7, 8, 0x85, 0x85, 0x88, 0x85, 0x84, 0x88, 2, 2, 0, 0xc, 0x0d, 0x60, 0, 0xfe, 0xff, 0xab, 0x50})
	f.Add(uint8(1), []byte{0x82, 0x49, 0x83, 0x42, 0, 3, 0xf0, 2, 0xf6, 8, 0x38, 0x24, 0x1c, 0x18, 0x42, 0, 0, 0x20, 0x60, 0, 0x12, 0x10, 0, 0})
	f.Add(uint8(2), []byte{0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0b, 0xd9, 1, 0x51, 0x9e, 0x22, 0x6c, 4, 0x40, 0, 0, 3, 0, 0x40, 0, 0, 0x0f, 0x03, 0xc5, 0x0a, 0x92, 0, 0, 0, 1, 0x68, 0xcb, 0x83, 0xcb, 0x20, 0, 0, 1, 0x65, 0x88, 0x84})
	f.Add(uint8(3), []byte{0x12, 0, 0x0a, 0x0b, 0, 0, 0, 4, 0x3d, 6, 0xd4, 0xda, 0xf9, 0, 0x40, 0x32, 4, 0x10, 0, 0, 0})
	f.Add(uint8(4), []byte{0, 0, 0, 1, 0x40, 1, 0x0c, 1, 0xff, 0xff, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3c, 0x95, 0x98, 9, 0, 0, 0, 1, 0x26, 1, 0xaf})
	f.Add(uint8(5), []byte{0xfc, 0xff, 0xfe})
	f.Add(uint8(6), []byte{1, 2, 3})
	f.Add(uint8(8), []byte{1, 2, 3})
	video := []string{MimeVP8, MimeVP9, MimeH264, MimeAV1, MimeH265}
	audio := []media.Codec{{MimeType: MimeOpus, ClockRate: 48_000, Channels: 2}, {MimeType: MimePCMU, ClockRate: 8000}, {MimeType: MimePCMA, ClockRate: 8000}, {MimeType: MimeG722, ClockRate: 8000}}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		if i := int(which) % (len(video) + len(audio)); i >= len(video) {
			decoder, err := NewAudioDecoder(audio[i-len(video)])
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = decoder.Close() }()
			if len(data) < 4096 {
				decodeSound(t, decoder, data, max(int(audio[i-len(video)].Channels), 1))
			}

			return
		}
		decoder, err := NewVideoDecoder(media.Codec{MimeType: video[int(which)%(len(video)+len(audio))], ClockRate: 90_000})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = decoder.Close() }()
		for i := range 2 {
			pictures, _ := decoder.Decode(data, time.Duration(i)*time.Second)
			for _, p := range pictures {
				if p.Width < 1 || p.Height < 1 || p.Width > 8192 || p.Height > 8192 ||
					len(p.Y) < p.YStride*(p.Height-1)+p.Width || len(p.U) < p.UVStride*(p.Height/2-1)+p.Width/2 {
					t.Fatalf("a picture of %dx%d in %d and %d bytes", p.Width, p.Height, len(p.Y), len(p.U))
				}
				p.Release()
			}
		}
	})
}
