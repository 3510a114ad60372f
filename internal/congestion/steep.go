package congestion

import "time"

// steepRises groups in a row that come so much later each, and wait for so long
// by then, both in ms, are a queue.
const (
	steepRise  = 10
	steepRises = 2
	steepWait  = 80
	// lowestPeriod is how far back the shortest way is looked for, at the least.
	lowestPeriod = 5 * time.Second
)

// steep notices a queue that fills at once: a line through many delays takes as
// long as a short queue takes to overflow, which sound would suffer from. What a
// machine that stands still holds up arrives together, and is less and less late.
type steep struct {
	rises           int
	before, current float64
	since           time.Time
}

// add takes how much later a group came than the one before it, and how late it
// was, in ms.
func (s *steep) add(later, late float64, now time.Time) bool {
	waited := late - s.lowest(late, now)
	if later < steepRise {
		s.rises = 0

		return false
	}
	s.rises++

	return s.rises >= steepRises && waited > steepWait
}

// lowest is the least of some seconds.
func (s *steep) lowest(late float64, now time.Time) float64 {
	switch {
	case s.since.IsZero():
		s.before, s.current, s.since = late, late, now
	case now.Sub(s.since) > lowestPeriod:
		s.before, s.current, s.since = s.current, late, now
	default:
		s.current = min(s.current, late)
	}

	return min(s.before, s.current)
}
