package sending

import (
	"context"
	"time"

	"github.com/pion/rtcp"
)

// reportInterval is how often streams are reported, as libwebrtc does of video.
const reportInterval = time.Second

// mostBegun streams wait for a report of their own; more are reported with the others.
const mostBegun = 16

// Reporter sends sender reports (RFC 3550 section 6.4.1): one right after
// the first frame of a stream, or the first after a while, as a server needs one
// of each layer before it can change from one to the other; and every second those
// of all streams together.
//
// pion's own reports say when a packet was sent. These say when the frame was
// taken, by a clock that the layers of a sender have in common: timestamps of one
// layer go on where those of another end.
type Reporter struct {
	streams func() []*Stream
	write   func(packets ...rtcp.Packet) error
	begun   chan *Stream
}

// NewReporter makes one of the streams that there are when it asks; write may fail and is asked again.
func NewReporter(streams func() []*Stream, write func(packets ...rtcp.Packet) error) *Reporter {
	return &Reporter{streams: streams, write: write, begun: make(chan *Stream, mostBegun)}
}

// Begun has a report of a stream sent soon. It does not wait.
func (r *Reporter) Begun(stream *Stream) {
	select {
	case r.begun <- stream:
	default:
	}
}

// Run reports until the context ends.
func (r *Reporter) Run(ctx context.Context) {
	ticker := time.NewTicker(reportInterval)
	// What sends nothing wakes nobody up.
	ticker.Stop()
	ticking := false
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			reports := r.reports(time.Now())
			if len(reports) == 0 {
				ticker.Stop()
				ticking = false
			}
			r.send(reports)
		case begun := <-r.begun:
			if !ticking {
				ticker.Reset(reportInterval)
				ticking = true
			}
			if report := begun.Report(time.Now()); report != nil {
				r.send([]rtcp.Packet{report})
			}
		case <-ctx.Done():
			return
		}
	}
}

// reports are of the streams that are being sent.
func (r *Reporter) reports(now time.Time) []rtcp.Packet {
	var reports []rtcp.Packet
	for _, stream := range r.streams() {
		if report := stream.Report(now); report != nil {
			reports = append(reports, report)
		}
	}

	return reports
}

func (r *Reporter) send(reports []rtcp.Packet) {
	// A report has 28 bytes: so many fit into a packet of any network.
	const most = 40
	for len(reports) > 0 {
		n := min(len(reports), most)
		if r.write(reports[:n]...) != nil {
			return
		}
		reports = reports[n:]
	}
}
