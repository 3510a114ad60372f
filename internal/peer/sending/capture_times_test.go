package sending

import (
	"testing"
	"time"

	"github.com/pion/rtp"
)

func TestCaptureTimesAreToldOnceASecondOnTheFeedsClock(t *testing.T) {
	begin := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	c := captureTimes{id: 3}
	told := make(map[time.Duration]time.Time)
	for pts := time.Duration(0); pts <= 2*time.Second; pts += 20 * time.Millisecond {
		header := rtp.Header{}
		// Encoding takes 5 to 12 ms.
		late := 5*time.Millisecond + pts/20%(7*time.Millisecond)
		c.stamp(&header, pts, begin.Add(pts+late))
		value := header.GetExtension(3)
		if value == nil {
			continue
		}
		extension := rtp.AbsCaptureTimeExtension{}
		if err := extension.Unmarshal(value); err != nil {
			t.Fatal(err)
		}
		told[pts] = extension.CaptureTime()
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

func TestCaptureTimesFollowAnotherFeed(t *testing.T) {
	now := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	c := captureTimes{id: 3}
	c.stamp(&rtp.Header{}, time.Hour, now)
	c.restart()
	header := rtp.Header{}
	now = now.Add(10 * time.Millisecond)
	c.stamp(&header, 0, now)
	extension := rtp.AbsCaptureTimeExtension{}
	if err := extension.Unmarshal(header.GetExtension(3)); err != nil {
		t.Fatal(err)
	}
	if off := extension.CaptureTime().Sub(now); off.Abs() > time.Millisecond {
		t.Errorf("off by %v", off)
	}
}

func TestCaptureTimesThatAreNotNegotiatedAreNotTold(t *testing.T) {
	header := rtp.Header{}
	new(captureTimes).stamp(&header, 0, time.Now())
	if header.Extension {
		t.Error("an extension was written")
	}
}
