package nvenc

import "time"

// FFmpeg resets the encoder for another bitrate, and begins anew with a keyframe: what is no more than an estimate that
// moves waits for one that comes anyway.
const (
	// Less is what a network does not carry, more can wait.
	muchLess, afterLess = 0.85, time.Second
	muchMore, afterMore = 1.3, 5 * time.Second
)

// rate is the bitrate of an encoder, and what it is to be, in bits a second.
type rate struct {
	wanted, is int
	since      time.Duration
}

// changes says, before the picture of that time, whether the bitrate becomes what is wanted.
func (r *rate) changes(at time.Duration, keyframe bool) bool {
	age, ratio := at-r.since, float64(r.wanted)/float64(r.is)
	if r.wanted == r.is || !keyframe && (ratio > muchLess || age < afterLess) && (ratio < muchMore || age < afterMore) {
		return false
	}
	r.is, r.since = r.wanted, at
	return true
}
