package jitter

import (
	"bytes"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

// What goes in comes out of the far end's assembler, whatever it is.
func TestAV1ArrivesAsItWasSent(t *testing.T) {
	unit := func(header byte, size int) []byte {
		// With a size of two bytes (leb128).
		return append([]byte{header, byte(size&127 | 128), byte(size >> 7)}, bytes.Repeat([]byte{0x10}, size)...)
	}
	sequence, frame := unit(0x0a, 200), unit(0x32, 5000)
	codec := media.Codec{MimeType: "video/AV1", ClockRate: 90000}
	frames := []*media.EncodedFrame{
		{Data: append(bytes.Clone(sequence), frame...), Keyframe: true},
		{Data: frame, PTS: time.Second / 30},
	}
	a, err := NewAssembler(codec, patient(), &Counts{})
	if err != nil {
		t.Fatal(err)
	}
	var got []*media.EncodedFrame
	for _, packet := range packetizetest.Packets(t, codec, frames, 7) {
		if len(packet.Payload) > media.MaxPayload {
			t.Errorf("a packet of %d bytes", len(packet.Payload))
		}
		a.Push(packet, time.Now(), func(f *media.EncodedFrame) { got = append(got, f) })
	}
	if len(got) != len(frames) {
		t.Fatalf("%d frames", len(got))
	}
	for i, f := range got {
		if !bytes.Equal(f.Data, frames[i].Data) || f.Keyframe != frames[i].Keyframe {
			t.Errorf("frame %d: %d bytes of %d, keyframe %v", i, len(f.Data), len(frames[i].Data), f.Keyframe)
		}
	}
}
