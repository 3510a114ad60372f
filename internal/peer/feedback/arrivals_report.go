package feedback

import (
	"time"

	"github.com/pion/rtcp"
)

// received is what came of the stream itself, and counts. The mu is held.
func (a *Arrivals) received() int64 {
	return int64(a.counts.Packets - a.counts.Again.Packets) //nolint:gosec // far below 2^63
}

// Reported takes the time of the server's own report.
func (a *Arrivals) Reported(ntp uint64, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report, a.reportedAt = uint32(ntp>>16), now //nolint:gosec // the middle is meant
}

// ReceptionReport is what came since the last one (RFC 3550 section 6.4.1); false is nothing.
// What was sent again does not count: it was lost on its way before.
func (a *Arrivals) ReceptionReport(now time.Time) (rtcp.ReceptionReport, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	received, expected := a.received(), a.highest-a.base+1
	if received == a.came {
		return rtcp.ReceptionReport{}, false
	}
	report := rtcp.ReceptionReport{
		TotalLost:          uint32(min(max(expected-received, 0), 1<<23-1)), //nolint:gosec // bounded
		LastSequenceNumber: uint32(a.highest),                               //nolint:gosec // with its cycles, modulo 2^32
		Jitter:             uint32(a.counts.Jitter * float64(a.clockRate)),
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
