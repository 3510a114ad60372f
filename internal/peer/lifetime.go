package peer

import "time"

const (
	// fastRetransmission is when SCTP sends a message again at the soonest, since the
	// other side has to report three that came after it, and leastTimeout when it does so
	// by itself, then after twice the time (RFC 9260 sections 7.2.4 and 6.3.1).
	fastRetransmission = 100 * time.Millisecond
	leastTimeout       = time.Second
)

// retransmissionsWithin is how often SCTP can send a message again in its lifetime.
// pion has lifetimes as well, but begins them anew with each retransmission.
func retransmissionsWithin(lifetime time.Duration) *uint16 {
	var count uint16
	if lifetime >= fastRetransmission {
		count++
	}
	for next, timeout := leastTimeout, leastTimeout; next <= lifetime; next += timeout {
		count++
		timeout *= 2
	}

	return &count
}

// carried is how many bytes were acknowledged in the last period.
type carried struct {
	since        time.Time
	before, last uint64
}

func (c *carried) within(period time.Duration, acknowledged uint64, now time.Time) uint64 {
	if now.Sub(c.since) >= period {
		c.since, c.before, c.last = now, acknowledged, acknowledged-c.before
	}

	return c.last
}
