package frames

import (
	"testing"
	"time"
)

// Apps count from 1970 too, and longer ago.
func TestTimesOfTheApplicationAreKeptHoweverLarge(t *testing.T) {
	const step = 33_333 * time.Microsecond
	for name, from := range map[string]float64{
		"0": 0, "a day": 86400e6, "a year": 365 * 86400e6, "1970": 1.8e15, "before 1970": -1.8e15, "the largest": 1<<53 - 1 - 33_333,
		"the lowest": -1<<53 + 1,
	} {
		t.Run(name, func(t *testing.T) {
			if first, second := Time(from), Time(from+33_333); Microseconds(first) != from || second-first != step {
				t.Errorf("%v µs and 33333 more are %v and %v", from, first, second)
			}
		})
	}
	if Time(1e300) != Time(1<<53) || Time(-1e300) != Time(-1<<53) || Time(1e300) <= 0 || Time(-1e300) >= 0 {
		t.Errorf("%v and %v are out of bounds", Time(-1e300), Time(1e300))
	}
}
