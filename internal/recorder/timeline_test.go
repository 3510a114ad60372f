package recorder

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSoundAndPictureStayTogetherForTenMinutes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	// How much faster the clock of the sound is than that of the picture, and where each begins.
	for _, wrong := range []float64{0, 0.0001, -0.0002} {
		var sound, picture timeline
		var worst time.Duration
		see := func(l *timeline, at time.Duration, rate float64, begin time.Duration) time.Duration {
			arrived := at + time.Duration(random.IntN(15))*time.Millisecond
			if random.IntN(50) == 0 {
				// It was lost, and sent again.
				arrived += time.Duration(50+random.IntN(200)) * time.Millisecond
			}

			return l.see(begin+time.Duration(float64(at)*rate), arrived) - at
		}
		for at := time.Duration(0); at < 10*time.Minute; at += 20 * time.Millisecond {
			heard := see(&sound, at, 1+wrong, 7*time.Second)
			if at%(40*time.Millisecond) != 0 {
				continue
			}
			seen := see(&picture, at, 1, time.Hour)
			if at > settling {
				worst = max(worst, (heard - seen).Abs())
			}
		}
		if worst > 40*time.Millisecond {
			t.Errorf("clocks wrong by %v: apart by %v", wrong, worst)
		}
	}
}

func TestAClockThatBeginsAnewGoesOnWhereItIs(t *testing.T) {
	var l timeline
	l.see(time.Hour, time.Second)
	l.see(time.Hour+time.Second, 2*time.Second)
	if at := l.see(0, 5*time.Second); at != 5*time.Second {
		t.Errorf("at %v", at)
	}
	if at := l.see(20*time.Millisecond, 5*time.Second+30*time.Millisecond); (at - 5020*time.Millisecond).Abs() > time.Millisecond {
		t.Errorf("then at %v", at)
	}
}

// A consumer that was paused counts from 0 again, and what is said between two pauses may be short.
func TestShortStretchesBetweenPausesAreWhereTheyCame(t *testing.T) {
	for _, length := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second} {
		var l timeline
		for begin := time.Duration(0); begin < 10*time.Minute; begin += time.Minute {
			for pts := time.Duration(0); pts < length; pts += 20 * time.Millisecond {
				if at := l.see(pts, begin+pts); at != begin+pts {
					t.Fatalf("stretches of %v: what came at %v is at %v", length, begin+pts, at)
				}
			}
		}
	}
}

// Some senders stop their clock while they have nothing to send.
func TestStretchesOfAClockThatStoodStillAreWhereTheyCame(t *testing.T) {
	var l timeline
	var pts time.Duration
	for begin := time.Duration(0); begin < 10*time.Minute; begin += time.Minute {
		for after := time.Duration(0); after < 3*time.Second; after += 20 * time.Millisecond {
			if at := l.see(pts, begin+after); at != begin+after {
				t.Fatalf("what came at %v is at %v", begin+after, at)
			}
			pts += 20 * time.Millisecond
		}
	}
}
