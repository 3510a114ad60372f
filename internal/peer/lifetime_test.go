package peer

import (
	"testing"
	"time"
)

func TestALifetimeIsWhatSCTPCanRepeatInIt(t *testing.T) {
	for lifetime, want := range map[time.Duration]uint16{
		time.Millisecond:          0,
		99 * time.Millisecond:     0,
		100 * time.Millisecond:    1,
		999 * time.Millisecond:    1,
		time.Second:               2,
		2999 * time.Millisecond:   2,
		3 * time.Second:           3,
		65_535 * time.Millisecond: 7,
	} {
		if got := *retransmissionsWithin(lifetime); got != want {
			t.Errorf("%v: %d retransmissions, expected %d", lifetime, got, want)
		}
	}
}

func TestWhatWaitsInSCTPIsWhatItCarriedInALifetime(t *testing.T) {
	const lifetime = 100 * time.Millisecond
	var c carried
	now := time.Now()
	for _, step := range []struct {
		after        time.Duration
		acknowledged uint64
		want         uint64
	}{
		{0, 0, 0},
		{50 * time.Millisecond, 4000, 0},
		{100 * time.Millisecond, 10_000, 10_000},
		{150 * time.Millisecond, 30_000, 10_000},
		{200 * time.Millisecond, 30_000, 20_000},
		// Nothing gets through any more.
		{300 * time.Millisecond, 30_000, 0},
	} {
		if got := c.within(lifetime, step.acknowledged, now.Add(step.after)); got != step.want {
			t.Errorf("after %v: %d bytes, expected %d", step.after, got, step.want)
		}
	}
}
