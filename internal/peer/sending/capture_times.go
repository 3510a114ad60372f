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
	told   time.Time
}

// restart is called between two feeds.
func (c *captureTimes) restart() { c.told = time.Time{} }

// due is the NTP time at which a frame that comes now was taken, if it is to be told; else 0.
func (c *captureTimes) due(taken, now time.Time) uint64 {
	if !c.wanted || !c.told.IsZero() && now.Sub(c.told) < captureInterval {
		return 0
	}
	c.told = now

	return rtpwire.NTPTime(taken)
}
