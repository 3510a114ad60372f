package peer

import (
	"context"
	"time"

	"github.com/pion/rtcp"
)

// reportInterval is how often streams are reported, as libwebrtc does of video.
const reportInterval = time.Second

// mostBegun streams wait for a report of their own; more are reported with the others.
const mostBegun = 16

// report has a report of the stream sent soon. It does not wait.
func (p *Peer) report(begun *outbound) {
	select {
	case p.begun <- begun:
	default:
	}
}

// reportSenders sends sender reports (RFC 3550 section 6.4.1): one right after
// the first frame of a stream, or the first after a while, as a server needs one
// of each layer before it can change from one to the other; and every second those
// of all streams together.
//
// pion's own reports say when a packet was sent. These say when the frame was
// taken, by a clock that the layers of a sender have in common: timestamps of one
// layer go on where those of another end.
func (p *Peer) reportSenders(ctx context.Context) {
	ticker := time.NewTicker(reportInterval)
	// What sends nothing wakes nobody up.
	ticker.Stop()
	ticking := false
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			reports := p.senderReports(time.Now())
			if len(reports) == 0 {
				ticker.Stop()
				ticking = false
			}
			p.sendReports(reports)
		case begun := <-p.begun:
			if !ticking {
				ticker.Reset(reportInterval)
				ticking = true
			}
			if report := begun.report(time.Now()); report != nil {
				p.sendReports([]rtcp.Packet{report})
			}
		case <-ctx.Done():
			return
		}
	}
}

// senderReports are of the streams that are being sent.
func (p *Peer) senderReports(now time.Time) []rtcp.Packet {
	var reports []rtcp.Packet
	for _, s := range p.listSenders() {
		for _, l := range s.layers {
			if report := l.out.report(now); report != nil {
				reports = append(reports, report)
			}
		}
	}

	return reports
}

func (p *Peer) sendReports(reports []rtcp.Packet) {
	// A report has 28 bytes: so many fit into a packet of any network.
	const most = 40
	for len(reports) > 0 {
		n := min(len(reports), most)
		if err := p.writeRTCP(reports[:n]...); err != nil {
			p.log.Debugf("sending reports: %v", err)

			return
		}
		reports = reports[n:]
	}
}
