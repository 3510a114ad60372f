package peer

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
)

// takeRTCP answers NACKs and keyframe requests (RFC 4585 PLI, RFC 5104 FIR), and takes
// reports. pion reads nothing else while it runs, and Close waits for it: what may wait
// itself runs elsewhere.
func (l *layer) takeRTCP(packet []byte, now time.Time) {
	packets := feedback.Packets(packet)
	peer, sent := l.sender.peer, l.out.Counts()
	l.reports.Take(packets, feedback.ReportedStream{SSRC: sent.SSRC, ClockRate: sent.ClockRate, First: sent.First}, now)
	if misses := feedback.Missed(packets, sent.SSRC); len(misses) > 0 {
		peer.start("sending again", func(context.Context) { peer.side.Repair(sent.SSRC, misses, peer.roundTrip()) })
	}
	if feedback.WantsKeyframe(packets, sent.SSRC) {
		peer.start("making a keyframe", func(context.Context) { l.requestKeyframe() })
	}
}
