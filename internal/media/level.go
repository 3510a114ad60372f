package media

import "math"

// silence is the lowest audio level (RFC 6464).
const silence = 127

// AudioLevel is the loudness of sound in -dBov: its root mean square set against
// the overload point (RFC 6464 section 3), from 1, the loudest that is told here
// because 0 means unknown, to 127 for silence.
func AudioLevel(samples []int16) uint8 {
	if len(samples) == 0 {
		return silence
	}
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	rms := math.Sqrt(sum/float64(len(samples))) / math.MaxInt16
	if rms <= 0 {
		return silence
	}

	return uint8(min(max(math.Round(-20*math.Log10(rms)), 1), silence))
}
