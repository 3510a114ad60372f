package sending

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestAPanicAboutFeedbackKeepsNoLock(t *testing.T) {
	const ssrc = 7
	for name, packet := range map[string]rtcp.Packet{
		"transport-wide feedback": &rtcp.TransportLayerCC{
			Header:            rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5},
			PacketStatusCount: 1,
			PacketChunks:      []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 1}},
			RecvDeltas:        []*rtcp.RecvDelta{{Type: rtcp.TypeTCCPacketReceivedSmallDelta, Delta: 250}},
		},
		"an estimate": &rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: 1e6, SSRCs: []uint32{ssrc}},
		"a report":    &rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: ssrc, FractionLost: 9}}},
	} {
		side := NewControl(func(string, func(<-chan struct{})) {}, func() {})
		side.streams[ssrc] = &pacedStream{}
		// What is not there can't be told of anything.
		side.estimator = nil
		raw, err := packet.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			side.TakeFeedback(raw, ssrc, time.Now())
		}()
		if !side.mu.TryLock() {
			t.Errorf("%s: a lock is held", name)
		}
	}
}
