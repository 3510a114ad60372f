package peer

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Whatever a server tells and asks of what is sent to it does no harm.
func FuzzSentRTCP(f *testing.F) {
	for _, one := range []rtcp.Packet{
		&rtcp.TransportLayerNack{Nacks: []rtcp.NackPair{{PacketID: 7, LostPackets: 0xffff}}},
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{FractionLost: 200, LastSenderReport: 1}}},
		&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e9, SSRCs: []uint32{1}},
		&rtcp.PictureLossIndication{},
	} {
		packet, err := one.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packet, uint8(8))
	}
	p, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = p.Close() })
	s, err := p.AddSender(SenderOptions{Kind: media.Video})
	if err != nil {
		f.Fatal(err)
	}
	l := s.layers[0]
	f.Fuzz(func(_ *testing.T, packet []byte, at uint8) {
		// The fuzzer does not know the SSRC.
		if place := int(at); place+4 <= len(packet) {
			ssrc := l.out.Counts().SSRC
			packet[place], packet[place+1], packet[place+2], packet[place+3] = byte(ssrc>>24), byte(ssrc>>16), byte(ssrc>>8), byte(ssrc)
		}
		if !p.side.TakeFeedback(packet, l.out.Counts().SSRC, time.Now()) {
			l.takeRTCP(packet, time.Now())
		}
	})
}
