package sending

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// captureInterval is how often a stream says when its media was captured:
// receivers reckon the rest from RTP timestamps.
const captureInterval = time.Second

// captureTimes are what the header extension abs-capture-time tells
// (http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time).
type captureTimes struct {
	wanted bool
	// clock tells when frames were taken, by those that come quickest, and follows a source whose clock is slower than ours.
	clock FrameClock
	told  time.Time
}

// restart is called between two feeds.
func (c *captureTimes) restart() {
	c.clock.Reset()
	c.told = time.Time{}
}

// due is the NTP time of a frame that comes now, if it is to be told; else 0.
func (c *captureTimes) due(pts time.Duration, now time.Time) uint64 {
	if !c.wanted {
		return 0
	}
	taken := c.clock.At(pts, now)
	if !c.told.IsZero() && now.Sub(c.told) < captureInterval {
		return 0
	}
	c.told = now

	return rtpwire.NTPTime(taken)
}
