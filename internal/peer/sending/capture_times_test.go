package sending

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

func TestCaptureTimesAreToldOnceASecondOnTheFeedsClock(t *testing.T) {
	begin := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	clock, c := &FrameClock{}, captureTimes{wanted: true}
	told := make(map[time.Duration]time.Time)
	for pts := time.Duration(0); pts <= 2*time.Second; pts += 20 * time.Millisecond {
		// Encoding takes 5 to 12 ms.
		late := 5*time.Millisecond + pts/20%(7*time.Millisecond)
		if captured := c.due(clock.At(pts, begin.Add(pts+late)), begin.Add(pts+late)); captured != 0 {
			told[pts] = rtpwire.TimeOfNTP(captured)
		}
	}
	if len(told) < 2 || len(told) > 3 {
		t.Errorf("told %d times in 2 s", len(told))
	}
	for pts, captured := range told {
		if off := captured.Sub(begin.Add(pts + 5*time.Millisecond)); off.Abs() > time.Millisecond {
			t.Errorf("of the frame at %v: off by %v", pts, off)
		}
	}
}

// A received track that is sent on has the clock of who made it.
func TestCaptureTimesFollowAClockThatIsSlow(t *testing.T) {
	begin := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	clock, c := &FrameClock{}, captureTimes{wanted: true}
	const slow = 10_000 // 100 ppm
	last := time.Duration(0)
	for passed := time.Duration(0); passed < time.Hour; passed += 20 * time.Millisecond {
		now := begin.Add(passed)
		if captured := c.due(clock.At(passed-passed/slow, now), now); captured != 0 {
			last = now.Sub(rtpwire.TimeOfNTP(captured))
		}
	}
	if last.Abs() > 10*time.Millisecond {
		t.Errorf("off by %v after an hour", last)
	}
}

func TestCaptureTimesFollowAnotherFeed(t *testing.T) {
	now := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	clock, c := &FrameClock{}, captureTimes{wanted: true}
	c.due(clock.At(time.Hour, now), now)
	clock.Reset()
	c.restart()
	now = now.Add(10 * time.Millisecond)
	if off := rtpwire.TimeOfNTP(c.due(clock.At(0, now), now)).Sub(now); off.Abs() > time.Millisecond {
		t.Errorf("off by %v", off)
	}
}

func TestCaptureTimesThatAreNotNegotiatedAreNotTold(t *testing.T) {
	if told := new(captureTimes).due(time.Now(), time.Now()); told != 0 {
		t.Errorf("told %d", told)
	}
}
