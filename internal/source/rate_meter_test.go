package source

import (
	"testing"
	"time"
)

func TestRateMeterTellsTheLastSecond(t *testing.T) {
	var r rateMeter
	now := time.Now()
	for i := range 90 {
		r.add(now.Add(time.Duration(i) * time.Second / 30))
	}
	if got := r.perSecond(now.Add(3 * time.Second)); got < 28 || got > 32 {
		t.Errorf("%.1f a second of 30", got)
	}
	if got := r.perSecond(now.Add(time.Minute)); got != 0 {
		t.Errorf("%.1f a second a minute later", got)
	}
}
