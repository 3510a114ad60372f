package media

import (
	"math"
	"testing"
)

func TestAudioLevel(t *testing.T) {
	sine := func(amplitude float64) []int16 {
		samples := make([]int16, 960)
		for i := range samples {
			samples[i] = int16(amplitude * math.MaxInt16 * math.Sin(2*math.Pi*float64(i)/96))
		}

		return samples
	}
	for _, c := range []struct {
		name    string
		samples []int16
		want    uint8
	}{
		{"nothing", nil, 127},
		{"silence", make([]int16, 960), 127},
		{"a full-scale sine is 3 dB below overload", sine(1), 3},
		{"a tenth of it is 20 dB less", sine(0.1), 23},
		{"the overload point", []int16{math.MaxInt16, -math.MaxInt16}, 1},
	} {
		if got := AudioLevel(c.samples); got != c.want {
			t.Errorf("%s: -%d dBov, want -%d", c.name, got, c.want)
		}
	}
}
