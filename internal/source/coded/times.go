package coded

import "time"

const (
	// mostAstray is how far the app's times may go from the clock, either way, before they are taken for a jump.
	mostAstray = 2 * time.Second
	// slew is how slowly times that go a little faster or slower than the clock become the clock.
	slew = 500
)

// times makes times that go on of those that the app gives, which may begin anywhere, repeat, go back or jump: where
// they do, the time that passed counts. The zero value is ready.
type times struct {
	begun bool
	// given and came are of the frame before this one, at is what it was given here.
	given time.Duration
	came  time.Time
	at    time.Duration
	// ahead is by how much the app's times went faster than the clock.
	ahead time.Duration
}

// next is later than all before it.
func (t *times) next(given time.Duration, now time.Time) time.Duration {
	if !t.begun {
		t.begun, t.given, t.came = true, given, now

		return t.at
	}
	elapsed := now.Sub(t.came)
	step := given - t.given
	if step == 0 {
		step = time.Millisecond
	}
	ahead := t.ahead + step - elapsed
	if step < 0 || ahead > mostAstray || ahead < -mostAstray {
		step = max(elapsed, time.Millisecond)
		ahead = t.ahead
	}
	back := min(max(ahead, -elapsed/slew), elapsed/slew)
	t.ahead = ahead - back
	t.given, t.came = given, now
	t.at += step

	return t.at
}
