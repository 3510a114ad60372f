package hearing

import (
	"testing"
	"time"
)

// turns checks that speech begins and ends in turn, and that levels are levels.
type turns struct {
	t        *testing.T
	speaking bool
}

func (o *turns) Level(level uint8, _ bool, _ uint32, _ time.Time) {
	if level > silent {
		o.t.Fatalf("a level of %d", level)
	}
}

func (o *turns) Voice(active bool, _ time.Time) {
	if active == o.speaking {
		o.t.Fatalf("speech began, or ended, twice: %v", active)
	}
	o.speaking = active
}

// Whatever comes, in whatever order and time, speech begins and ends in turn, and nothing is awaited after silence.
func FuzzListener(f *testing.F) {
	f.Add([]byte{1, 20, 10, 1, 20, 127, 200, 20, 0x80, 1, 255, 127}, uint8(40), uint8(100))
	f.Fuzz(func(t *testing.T, script []byte, threshold, hold uint8) {
		l := NewListener(&turns{t: t})
		l.Set(Options{Interval: 50 * time.Millisecond, Voice: true, Threshold: threshold, Hold: time.Duration(hold) * time.Millisecond})
		now, sequence := time.Unix(1_000_000, 0), uint16(65_000)
		for ; len(script) >= 3; script = script[3:] {
			sequence += uint16(int8(script[0])) //nolint:gosec // backwards is meant
			now = now.Add(time.Duration(script[1]) * time.Millisecond)
			if l.Take(sequence, uint32(sequence)*960, script[2], now) && script[0] == 0 {
				l.Expire(now)
			}
		}
		for range 10 {
			next := l.Expire(now)
			if next.IsZero() {
				return
			}
			now = now.Add(time.Second)
		}
		t.Error("it never ends")
	})
}
