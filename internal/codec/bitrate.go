package codec

import "math"

// Bounds of what is chosen, and of how far the network can lower it.
const (
	lowestVideoBitrate  = 50_000
	highestVideoBitrate = 8_000_000
	lowestOpusBitrate   = 12_000
)

// DefaultVideoBitrate is what a picture of that size and rate looks good at in
// real time, in bits a second: some 600,000 for 560x320 and 1,500,000 for
// 1280x720, both at 30 frames a second.
func DefaultVideoBitrate(width, height int, framerate float64) int {
	if framerate <= 0 {
		framerate = 30
	}
	// Twice the pixels or frames need less than twice the bits: neighbours resemble each other.
	pixels := math.Pow(float64(width*height)/(1280*720), 0.55)
	rate := math.Pow(framerate/30, 0.6)
	bitrate := int(1_500_000*pixels*rate) / 1000 * 1000
	return min(max(bitrate, 2*lowestVideoBitrate), highestVideoBitrate)
}

// VideoFloor is the lowest that the network's estimate makes an encoder go.
func VideoFloor(maximum int) int { return min(lowestVideoBitrate, maximum) }

// DefaultAudioBitrate of Opus, in bits a second.
func DefaultAudioBitrate(channels int) int {
	if channels > 1 {
		return 48_000 * channels
	}
	return 48_000
}

// AudioFloor is the lowest that the network's estimate makes an encoder go.
func AudioFloor(maximum int) int { return min(lowestOpusBitrate, maximum) }
