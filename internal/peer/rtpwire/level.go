package rtpwire

import "math"

// LinearLevel makes a share of full scale, 0 to 1, of -dBov (RFC 6464), where
// 127 is silence.
func LinearLevel(level uint8) float64 {
	if level >= 127 {
		return 0
	}

	return math.Pow(10, -float64(level)/20)
}
