package feedback

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
)

// reportInterval is how often streams are reported, as libwebrtc does of video.
const reportInterval = time.Second

// mostBlocks is how many streams a report has room for: their number has five bits
// (RFC 3550 section 6.4.2).
const mostBlocks = 31

// ReceiverReports tells the server every second what came of its streams. It names
// those that something came of since the last time, and wakes nobody up while
// nothing does.
type ReceiverReports struct {
	start   func(name string, f func(ctx context.Context))
	ssrc    uint32
	blocks  func(now time.Time) []rtcp.ReceptionReport
	write   func(packets ...rtcp.Packet) error
	running atomic.Bool
}

// NewReceiverReports makes one that starts goroutines by start. blocks are of the streams that something came of since
// they were last asked for; ssrc is this side's.
func NewReceiverReports(
	start func(name string, f func(ctx context.Context)), ssrc uint32,
	blocks func(now time.Time) []rtcp.ReceptionReport, write func(packets ...rtcp.Packet) error,
) *ReceiverReports {
	return &ReceiverReports{start: start, ssrc: ssrc, blocks: blocks, write: write}
}

// Begin reports a while after the first packet.
func (r *ReceiverReports) Begin() {
	if r.running.Swap(true) {
		return
	}
	r.start("reporting receivers", func(ctx context.Context) {
		ticker := time.NewTicker(reportInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
			if r.report(time.Now()) {
				continue
			}
			r.running.Store(false)
			// What came in between has begun nothing.
			if !r.report(time.Now()) || r.running.Swap(true) {
				return
			}
		}
	})
}

// report tells whether there was anything to report.
func (r *ReceiverReports) report(now time.Time) bool {
	blocks := r.blocks(now)
	for rest := blocks; len(rest) > 0; {
		n := min(len(rest), mostBlocks)
		if r.write(&rtcp.ReceiverReport{SSRC: r.ssrc, Reports: rest[:n]}) != nil {
			break
		}
		rest = rest[n:]
	}

	return len(blocks) > 0
}
