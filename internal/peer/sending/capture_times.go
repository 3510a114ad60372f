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
	// start is the time of day at which the feed's clock was at 0, as far as the
	// fastest frame tells.
	start time.Time
	told  time.Time
}

// restart is called between two feeds.
func (c *captureTimes) restart() { c.start, c.told = time.Time{}, time.Time{} }

// due is the NTP time of a frame that comes now, if it is to be told; else 0.
func (c *captureTimes) due(pts time.Duration, now time.Time) uint64 {
	if !c.wanted {
		return 0
	}
	if start := now.Add(-pts); c.start.IsZero() || start.Before(c.start) {
		c.start = start
	}
	if !c.told.IsZero() && now.Sub(c.told) < captureInterval {
		return 0
	}
	c.told = now

	return rtpwire.NTPTime(c.start.Add(pts))
}
