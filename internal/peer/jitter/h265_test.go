package jitter

import (
	"bytes"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize/packetizetest"
)

func TestReceivedH265BeginsAtAKeyframe(t *testing.T) {
	codec := media.Codec{MimeType: "video/H265", ClockRate: 90000}
	p, err := packetize.New(codec)
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewAssembler(codec, patient(), &Counts{})
	if err != nil {
		t.Fatal(err)
	}
	var got []*media.EncodedFrame
	sequence := uint16(65530)
	for i, kind := range []byte{19, 1, 21, 1} {
		data := packetizetest.H265Unit(kind, 3000)
		if kind != 1 {
			data = append(packetizetest.H265Unit(32, 24), data...)
		}
		frame := &media.EncodedFrame{Data: data, PTS: time.Duration(i) * 40 * time.Millisecond}
		packets, timestamp := p.Packetize(frame, time.Now())
		for j, packet := range packets {
			a.Push(&rtp.Packet{
				Header:  rtp.Header{SequenceNumber: sequence, Timestamp: timestamp, Marker: j == len(packets)-1},
				Payload: packet.Payload,
			}, time.Now(), func(f *media.EncodedFrame) { got = append(got, f) })
			sequence++
		}
		if len(got) != i+1 || !bytes.Equal(got[i].Data, frame.Data) || got[i].Keyframe != (kind != 1) {
			t.Fatalf("frame %d did not arrive as it was sent: %d came", i, len(got))
		}
	}
}
