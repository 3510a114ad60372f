package sending

import (
	"testing"
	"time"
)

func TestAMeterFallsSlowly(t *testing.T) {
	m, now := Meter{}, time.Unix(1, 0)
	m.Measure(0, now)
	if got := m.Measure(125_000, now.Add(time.Second)); got != 1_000_000 {
		t.Errorf("%d bit/s of 125,000 bytes in a second", got)
	}
	if got := m.Measure(125_000, now.Add(1100*time.Millisecond)); got != 1_000_000 {
		t.Errorf("%d bit/s after another 100 ms", got)
	}
	if got := m.Measure(125_000, now.Add(2*time.Second)); got != 500_000 {
		t.Errorf("%d bit/s after a second without anything", got)
	}
}
