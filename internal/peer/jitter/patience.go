package jitter

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
)

const (
	// leastPatience and mostPatience bound how long a missing packet is waited for.
	// No reader is held up for longer than the latter; a keyframe would come sooner.
	leastPatience = 20 * time.Millisecond
	mostPatience  = feedback.GiveUpAfter
	// repairs is how often a packet may be sent again: of 5% lost both ways, one
	// in a thousand of those that are missing fails three times.
	repairs = 3
	// fade is how long it takes to forget how late a packet was.
	fade = 30 * time.Second
)

// Patience is how long a missing packet is waited for: for as long as it takes
// the server to send it again a few times, and for as long as others took
// lately that came after all.
type Patience struct {
	// retransmits says that missing packets are asked for (RFC 4585 NACK).
	retransmits bool
	// roundTrip is 0 until it was measured; jitter is RFC 3550's.
	roundTrip, jitter func() time.Duration

	// peak is the latest of late.
	peak   time.Duration
	peakAt time.Time
}

// NewPatience makes one. retransmits says that missing packets are asked for; roundTrip is 0 until it was
// measured, and jitter is RFC 3550's.
func NewPatience(retransmits bool, roundTrip, jitter func() time.Duration) *Patience {
	return &Patience{retransmits: retransmits, roundTrip: roundTrip, jitter: jitter}
}

// late is told how long after it was missed a packet came.
func (p *Patience) late(by time.Duration, now time.Time) {
	if by >= p.recent(now) {
		p.peak, p.peakAt = by, now
	}
}

// recent is the peak, as far as it is not forgotten.
func (p *Patience) recent(now time.Time) time.Duration {
	age := now.Sub(p.peakAt)
	if p.peakAt.IsZero() || age >= fade {
		return 0
	}

	return p.peak - time.Duration(float64(p.peak)*float64(age)/float64(fade))
}

func (p *Patience) wait(now time.Time) time.Duration {
	recent := p.recent(now)
	wait := recent + recent/4
	if p.retransmits {
		roundTrip := p.roundTrip()
		if roundTrip <= 0 {
			return mostPatience
		}
		wait = max(wait, repairs*(feedback.RepairTime(roundTrip)+feedback.NACKInterval))
	}

	return min(max(wait+2*p.jitter(), leastPatience), mostPatience)
}
