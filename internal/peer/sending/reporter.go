package sending

import (
	"context"
	"sync"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// reportInterval is how often streams are reported, as libwebrtc does of video.
const reportInterval = time.Second

// Reporter sends sender reports (RFC 3550 section 6.4.1): one right after
// the first frame of a stream, or the first after a while, as a server needs one
// of each layer before it can change from one to the other; and every second those
// of all streams together. Between them it is a timer, and nothing while nothing is sent.
//
// pion's own reports say when a packet was sent. These say when the frame was
// taken, by a clock that the layers of a sender have in common: timestamps of one
// layer go on where those of another end.
type Reporter struct {
	owner   context.Context //nolint:containedctx // says whose it is
	start   func(name string, f func(ctx context.Context))
	streams func() []*Stream
	write   func(packets ...rtcp.Packet) error

	mu sync.Mutex
	// timer is nil while nothing is sent, begun says that something has begun since it fired.
	timer  *time.Timer
	begun  bool
	closed bool
}

// NewReporter makes one of the streams that there are when it asks; start runs a goroutine unless what they belong to has
// ended, and write may fail and is asked again.
func NewReporter(
	owner context.Context, start func(name string, f func(ctx context.Context)), streams func() []*Stream, write func(packets ...rtcp.Packet) error,
) *Reporter {
	return &Reporter{owner: owner, start: start, streams: streams, write: write}
}

// Begun has a report of a stream sent soon. It does not wait.
func (r *Reporter) Begun(stream *Stream) {
	r.arm()
	r.start("reporting a sender", func(context.Context) {
		if report := stream.Report(time.Now()); report != nil {
			r.send([]rtcp.Packet{report})
		}
	})
}

func (r *Reporter) arm() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun = true
	if r.timer == nil && !r.closed {
		r.timer = recovery.Timer(r.owner, "time for reports", reportInterval, r.tick)
	}
}

// tick is on the timer's goroutine, which nobody waits for.
func (r *Reporter) tick() {
	r.start("reporting senders", func(context.Context) {
		reports := r.reports(time.Now())
		r.again(len(reports) > 0)
		r.send(reports)
	})
}

// again has what is sent reported after another second.
func (r *Reporter) again(sends bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if sends || r.begun {
		r.begun = false
		r.timer.Reset(reportInterval)

		return
	}
	r.timer = nil
}

// Close ends the timer. What was begun goes on.
func (r *Reporter) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
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
