// Package packetizetest makes packets as a sender does, for the tests of who receives them.
package packetizetest

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
)

// Packets packetizes frames as a sender does.
func Packets(t testing.TB, codec media.Codec, frames []*media.EncodedFrame, first uint16) []*rtp.Packet {
	t.Helper()
	p, err := packetize.New(codec)
	if err != nil {
		t.Fatal(err)
	}
	var packets []*rtp.Packet
	for _, frame := range frames {
		payloads, timestamp := p.Packetize(frame, time.Now())
		for i, packet := range payloads {
			packets = append(packets, &rtp.Packet{
				Header: rtp.Header{
					Version: 2, SequenceNumber: first, Timestamp: timestamp, Marker: i == len(payloads)-1,
				},
				Payload: packet.Payload,
			})
			first++
		}
	}

	return packets
}
