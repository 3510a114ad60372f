package peer

import (
	"context"
	"time"

	"github.com/pion/interceptor"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
)

// takeRTCP answers NACKs and keyframe requests (RFC 4585 PLI, RFC 5104 FIR), and takes
// reports. pion reads nothing else while it runs, and Close waits for it: what may wait
// itself runs elsewhere.
func (l *layer) takeRTCP(packet []byte, now time.Time) {
	attributes := make(interceptor.Attributes)
	n, attributes, err := l.sender.peer.answering.Read(packet, attributes)
	if err != nil {
		return
	}
	packets, err := attributes.GetRTCPPackets(packet[:n])
	if err != nil {
		return
	}
	sent := l.out.Counts()
	l.reports.Take(packets, feedback.ReportedStream{SSRC: sent.SSRC, ClockRate: sent.ClockRate, First: sent.First}, now)
	if feedback.WantsKeyframe(packets, sent.SSRC) {
		l.sender.peer.start("making a keyframe", func(context.Context) { l.requestKeyframe() })
	}
}
