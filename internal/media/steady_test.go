package media

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media/clocktest"
)

func TestATimeIsSteadyWhereTheClockIsSet(t *testing.T) {
	now := time.Now()
	for _, by := range []time.Duration{time.Hour, -time.Hour, 100 * 24 * time.Hour} {
		set := clocktest.Jumped(now, by)
		if moved := set.Round(0).Sub(now.Round(0)); moved != by {
			t.Fatalf("the clock was set by %v, not %v", moved, by)
		}
		if moved := Steady(set).Round(0).Sub(Steady(now).Round(0)); moved != 0 {
			t.Errorf("set by %v, it moved by %v", by, moved)
		}
	}
	if off := Steady(now).Sub(now); off != 0 {
		t.Errorf("%v off", off)
	}
	// A time that somebody else told has no other clock.
	if told := time.Unix(1e9, 5); !Steady(told).Equal(told) {
		t.Errorf("%v became %v", told, Steady(told))
	}
}
