package peer

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

// receiverReports tells the server every second what came of its streams. It names
// those that something came of since the last time, and wakes nobody up while
// nothing does.
type receiverReports struct{ running atomic.Bool }

// begin reports a while after the first packet.
func (r *receiverReports) begin(p *Peer) {
	if r.running.Swap(true) {
		return
	}
	p.start("reporting receivers", func(ctx context.Context) {
		ticker := time.NewTicker(reportInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
			if p.reportReceivers(time.Now()) {
				continue
			}
			r.running.Store(false)
			// What came in between has begun nothing.
			if !p.reportReceivers(time.Now()) || r.running.Swap(true) {
				return
			}
		}
	})
}

func (p *Peer) receptionReports(now time.Time) []rtcp.ReceptionReport {
	var blocks []rtcp.ReceptionReport
	for _, r := range p.listReceivers() {
		if block, ok := r.arrivals.receptionReport(now); ok {
			block.SSRC = r.options.Stream.SSRC
			blocks = append(blocks, block)
		}
	}

	return blocks
}

// reportReceivers tells whether there was anything to report.
func (p *Peer) reportReceivers(now time.Time) bool {
	blocks := p.receptionReports(now)
	for rest := blocks; len(rest) > 0; {
		n := min(len(rest), mostBlocks)
		if err := p.writeRTCP(&rtcp.ReceiverReport{SSRC: p.nacks.ssrc, Reports: rest[:n]}); err != nil {
			p.log.Debugf("sending reports: %v", err)

			break
		}
		rest = rest[n:]
	}

	return len(blocks) > 0
}

// received is what came of the stream itself, and counts. The mu is held.
func (a *arrivals) received() int64 {
	return int64(a.counts.packets - a.counts.again.Packets) //nolint:gosec // far below 2^63
}

// reported takes the time of the server's own report.
func (a *arrivals) reported(ntp uint64, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report, a.reportedAt = uint32(ntp>>16), now //nolint:gosec // the middle is meant
}

// receptionReport is what came since the last one (RFC 3550 section 6.4.1); false is nothing.
// What was sent again does not count: it was lost on its way before.
func (a *arrivals) receptionReport(now time.Time) (rtcp.ReceptionReport, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	received, expected := a.received(), a.highest-a.base+1
	if received == a.came {
		return rtcp.ReceptionReport{}, false
	}
	report := rtcp.ReceptionReport{
		TotalLost:          uint32(min(max(expected-received, 0), 1<<23-1)), //nolint:gosec // bounded
		LastSequenceNumber: uint32(a.highest),                               //nolint:gosec // with its cycles, modulo 2^32
		Jitter:             uint32(a.counts.jitter * float64(a.clockRate)),
	}
	if due := expected - a.expected; due > 0 {
		lost := due - (received - a.came)
		report.FractionLost = uint8(min(max(lost, 0)*256/due, 255)) //nolint:gosec // bounded
	}
	if !a.reportedAt.IsZero() {
		report.LastSenderReport = a.report
		report.Delay = uint32(now.Sub(a.reportedAt) * 65536 / time.Second) //nolint:gosec // a server reports often
	}
	a.expected, a.came = expected, received

	return report, true
}
