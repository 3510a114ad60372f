package av

import (
	"math"
	"testing"
)

// loudest is the largest sample of each channel.
func loudest(samples []int16, channels int) []int16 {
	most := make([]int16, channels)
	for i, sample := range samples {
		most[i%channels] = max(most[i%channels], sample)
	}
	return most
}

func TestOneChannelIsAsLoudInTwo(t *testing.T) {
	const amplitude = 10_000
	for _, c := range []struct{ from, to, rate int }{{1, 2, 48000}, {1, 2, 16000}, {2, 2, 44100}, {2, 1, 16000}, {1, 1, 16000}} {
		tone := make([]int16, c.from*c.rate/2)
		for i := range tone {
			tone[i] = int16(amplitude * math.Sin(float64(i/c.from)*2*math.Pi*440/float64(c.rate)))
		}
		r := NewResampler(48000, c.to)
		came, err := r.ConvertSamples(tone, c.rate, c.from)
		if err != nil {
			t.Fatal(err)
		}
		for channel, most := range loudest(came, c.to) {
			if math.Abs(20*math.Log10(float64(most)/amplitude)) > 0.5 {
				t.Errorf("%d channels of %d Hz in %d: channel %d has %d of %d", c.from, c.rate, c.to, channel, most, amplitude)
			}
		}
		r.Close()
	}
}
