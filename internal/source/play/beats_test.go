package play

import (
	"math/rand/v2"
	"testing"
	"time"
)

// sender is what a player hands out: positions, on a clock that began some time after the first beat.
type sender struct {
	began     time.Time
	positions []time.Duration
}

// play hands out all that is due within slack, then waits, and gives when it woke.
func (s *sender) play(t *testing.T, slack time.Duration) (woke []time.Time) {
	t.Helper()
	now := s.began
	for len(s.positions) > 0 {
		handed := 0
		for len(s.positions) > 0 && s.positions[0] <= now.Sub(s.began)+slack {
			if late := now.Sub(s.began) - s.positions[0]; late > 0 {
				t.Fatalf("%v is %v late", s.positions[0], late)
			}
			s.positions = s.positions[1:]
			handed++
		}
		if len(woke) > 0 && handed == 0 {
			t.Fatalf("it was woken at %v, for nothing", now.Sub(s.began))
		}
		if len(s.positions) > 0 {
			now = now.Add(untilBeat(now, s.positions[0]-now.Sub(s.began), slack))
			woke = append(woke, now)
		}
	}
	return woke
}

// steps makes positions that lie each of gaps apart in turn.
func steps(n int, gaps ...time.Duration) (positions []time.Duration) {
	at := time.Duration(0)
	for i := range n {
		positions = append(positions, at)
		at += gaps[i%len(gaps)]
	}
	return positions
}

func TestPlayersWakeTogetherAndHandNothingOutLate(t *testing.T) {
	random := func() (gaps []time.Duration) {
		for range 50 {
			gaps = append(gaps, time.Duration(rand.Int64N(int64(100*time.Millisecond))))
		}
		return gaps
	}
	for name, gaps := range map[string][]time.Duration{
		"sound":              {20 * time.Millisecond},
		"60 ms of sound":     {60 * time.Millisecond},
		"25 pictures":        {40 * time.Millisecond},
		"30 pictures":        {time.Second / 30},
		"59.94 pictures":     {time.Second * 1001 / 60000},
		"200 pictures":       {5 * time.Millisecond},
		"a picture a second": {time.Second},
		"unequal pictures":   {10 * time.Millisecond, 90 * time.Millisecond, 1, 33 * time.Millisecond},
		"any":                random(),
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				began := epoch.Add(time.Duration(rand.Int64N(int64(time.Hour))))
				one := &sender{began: began, positions: steps(500, gaps...)}
				for _, woke := range one.play(t, beat) {
					if off := woke.Sub(epoch) % beat; off != 0 {
						t.Fatalf("it woke %v after a beat", off)
					}
				}
			}
		})
	}
}

func TestWhatMayNotBeEarlyIsWaitedForExactly(t *testing.T) {
	now := epoch.Add(12345678)
	for _, slack := range []time.Duration{0, 1, beat - 1} {
		for _, due := range []time.Duration{0, 1, 3 * time.Millisecond, time.Second} {
			if got := untilBeat(now, due, slack); got != due {
				t.Errorf("%v instead of %v", got, due)
			}
		}
	}
}

func TestABeatComesWithinTheSlackWhateverTheClockIs(t *testing.T) {
	for range 10_000 {
		now := epoch.Add(time.Duration(rand.Int64N(int64(1000 * time.Hour))))
		due := time.Duration(rand.Int64N(int64(10*time.Second))) - time.Second
		slack := beat + time.Duration(rand.Int64N(int64(beat)))
		if got := untilBeat(now, due, slack); got > due || got < due-slack {
			t.Fatalf("due in %v, at the earliest %v before: it is waited %v", due, slack, got)
		}
	}
}
