package codectest

import "math"

// Tone makes interleaved samples of a sine, alike in all channels, from sample
// number start on.
func Tone(hz float64, rate, channels, start, count int) []int16 {
	samples := make([]int16, 0, count*channels)
	for i := range count {
		value := int16(10000 * math.Sin(2*math.Pi*hz*float64(start+i)/float64(rate)))
		for range channels {
			samples = append(samples, value)
		}
	}
	return samples
}

// ToneShare is how much of the energy of the first channel lies at hz, from 0
// to 1 (Goertzel's algorithm). Silence has 0.
func ToneShare(samples []int16, rate, channels int, hz float64) float64 {
	n := len(samples) / channels
	coefficient := 2 * math.Cos(2*math.Pi*hz/float64(rate))
	var s1, s2, energy float64
	for i := range n {
		x := float64(samples[i*channels])
		s1, s2 = x+coefficient*s1-s2, s1
		energy += x * x
	}
	if energy < float64(n) {
		return 0
	}
	power := s1*s1 + s2*s2 - coefficient*s1*s2
	return min(2*power/(float64(n)*energy), 1)
}
