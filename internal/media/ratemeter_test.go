package media

import (
	"testing"
	"time"
)

func TestRateMeterTellsTheLastSecond(t *testing.T) {
	var r RateMeter
	now := time.Now()
	for i := range 90 {
		r.Add(now.Add(time.Duration(i) * time.Second / 30))
	}
	if got := r.PerSecond(now.Add(3 * time.Second)); got < 28 || got > 32 {
		t.Errorf("%.1f a second of 30", got)
	}
	if got := r.PerSecond(now.Add(time.Minute)); got != 0 {
		t.Errorf("%.1f a second a minute later", got)
	}
}
