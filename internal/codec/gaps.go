package codec

import "time"

// Gaps finds what is missing between packets of sound that are decoded one after the other: what was lost, what could not be
// decoded, and what was not sent. The zero value has heard nothing.
type Gaps struct {
	// Uneven is how far apart packets may be where none is lost: clocks jitter, while samples follow each other.
	Uneven time.Duration
	begun  bool
	// end is of the sound that came last.
	end time.Duration
	// damaged says that a packet came since, of which no sound came.
	damaged bool
}

// Before is how much is missing right before a packet of a time, which tells how many before it are lost.
func (g *Gaps) Before(at time.Duration, lost int) time.Duration {
	gap := at - g.end
	if !g.begun || gap <= 0 || lost <= 0 && !g.damaged && gap <= g.Uneven {
		return 0
	}
	return gap
}

// Heard is told where the sound ends that came of a packet, or stands for what is missing.
func (g *Gaps) Heard(end time.Duration) { g.begun, g.end, g.damaged = true, end, false }

// Damaged is told of a packet of which no sound came.
func (g *Gaps) Damaged() { g.damaged = true }

// End is where the sound ends that came last.
func (g *Gaps) End() time.Duration { return g.end }

// Begun tells whether any sound came.
func (g *Gaps) Begun() bool { return g.begun }
