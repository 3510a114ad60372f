package peer

import (
	"context"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
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
	l.reports.take(packets, stream{ssrc: sent.SSRC, clockRate: sent.ClockRate, first: sent.First}, now)
	if wantsKeyframe(packets, sent.SSRC) {
		l.sender.peer.start("making a keyframe", func(context.Context) { l.requestKeyframe() })
	}
}

// wantsKeyframe tells whether the packets ask for a keyframe of the stream; a
// compound packet may be of several.
func wantsKeyframe(packets []rtcp.Packet, ssrc uint32) bool {
	for _, packet := range packets {
		switch p := packet.(type) {
		case *rtcp.PictureLossIndication:
			if p.MediaSSRC == ssrc {
				return true
			}
		case *rtcp.FullIntraRequest:
			for _, entry := range p.FIR {
				if entry.SSRC == ssrc {
					return true
				}
			}
		}
	}

	return false
}
