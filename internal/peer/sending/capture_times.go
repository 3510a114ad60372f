package sending

import (
	"time"

	"github.com/pion/rtp"
)

// captureInterval is how often a stream says when its media was captured:
// receivers reckon the rest from RTP timestamps.
const captureInterval = time.Second

// captureTimes writes the header extension abs-capture-time
// (http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time).
type captureTimes struct {
	// id is the negotiated number; 0 is not negotiated.
	id uint8
	// start is the time of day at which the feed's clock was at 0, as far as the
	// fastest frame tells.
	start time.Time
	told  time.Time
}

// newCaptureTimes writes the extension of a number; 0 is none.
func newCaptureTimes(id uint8) captureTimes { return captureTimes{id: id} }

// restart is called between two feeds.
func (c *captureTimes) restart() { c.start, c.told = time.Time{}, time.Time{} }

// stamp is called for each packet of a frame.
func (c *captureTimes) stamp(header *rtp.Header, pts time.Duration, now time.Time) {
	if c.id == 0 {
		return
	}
	if start := now.Add(-pts); c.start.IsZero() || start.Before(c.start) {
		c.start = start
	}
	if !c.told.IsZero() && now.Sub(c.told) < captureInterval {
		return
	}
	if value, err := rtp.NewAbsCaptureTimeExtension(c.start.Add(pts)).Marshal(); err == nil {
		_ = header.SetExtension(c.id, value)
		c.told = now
	}
}
