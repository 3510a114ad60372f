package jitter

import (
	"bytes"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

// What is cut into packets is put together as it was, whatever it holds and in whatever order packets come.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{0x10, 2, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0}, uint8(0), uint16(500), uint8(1))
	f.Add([]byte{0x82, 0x49, 0x83, 0x42, 0}, uint8(1), uint16(700), uint8(3))
	f.Add([]byte{0, 0, 0, 1, 0x65, 1, 2, 3}, uint8(2), uint16(1), uint8(0))
	f.Add([]byte{0xfc, 1, 2}, uint8(3), uint16(1), uint8(2))
	codecs := []media.Codec{
		{MimeType: "video/VP8", ClockRate: 90_000},
		{MimeType: "video/VP9", ClockRate: 90_000},
		{MimeType: "video/H265", ClockRate: 90_000},
		{MimeType: "audio/opus", ClockRate: 48_000, Channels: 2},
		{MimeType: "audio/multiopus", ClockRate: 48_000, Channels: 6},
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8, repeat uint16, order uint8) {
		codec := codecs[int(which)%len(codecs)]
		data = bytes.Repeat(data, 1+int(repeat%1000))
		if len(data) == 0 || len(data) > 100_000 {
			return
		}
		var frames []*media.EncodedFrame
		for i := range 3 {
			frames = append(frames, &media.EncodedFrame{Data: data, Keyframe: true, PTS: time.Duration(i) * 20 * time.Millisecond})
		}
		packets := packetizetest.Packets(t, codec, frames, 65_530)
		a, err := NewAssembler(codec, patient(), &Counts{})
		if err != nil {
			t.Fatal(err)
		}
		// Neighbours come in the other order.
		for i := 1; i+1 < len(packets); i += 2 {
			if order>>(i/2%8)&1 == 1 {
				packets[i], packets[i+1] = packets[i+1], packets[i]
			}
		}
		var got []*media.EncodedFrame
		now := time.Now()
		for _, packet := range packets {
			a.Push(packet, now, func(frame *media.EncodedFrame) { got = append(got, frame) })
		}
		a.Drain(now.Add(time.Hour), func(frame *media.EncodedFrame) { got = append(got, frame) })
		if len(got) > len(frames) {
			t.Fatalf("%d frames of %d", len(got), len(frames))
		}
		if codec.MimeType == "video/H265" {
			// Units of no use are left out.
			return
		}
		for _, frame := range got {
			if !bytes.Equal(frame.Data, data) {
				t.Fatalf("%s: %d bytes became %d", codec.MimeType, len(data), len(frame.Data))
			}
		}
	})
}
