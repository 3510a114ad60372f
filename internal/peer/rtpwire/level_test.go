package rtpwire

import (
	"math"
	"testing"
)

func TestLinearLevel(t *testing.T) {
	for level, want := range map[uint8]float64{127: 0, 20: 0.1, 40: 0.01} {
		if got := LinearLevel(level); math.Abs(got-want) > 1e-9 {
			t.Errorf("-%d dBov is %v", level, got)
		}
	}
}
