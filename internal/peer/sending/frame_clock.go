package sending

import (
	"sync"
	"time"
)

const (
	// clockJump is how far apart two times of the same source can't be.
	clockJump = time.Second
	// clockSlack is how slowly the clock follows frames that come later than they did.
	clockSlack = 1024
)

// FrameClock tells when the frames of a source were taken, by the time of the
// quickest among those that come here: an encoder needs longer for a large
// picture. The layers of a sender share one, so that their reports agree.
type FrameClock struct {
	mu     sync.Mutex
	known  bool
	origin time.Time
}

// At is the time of a frame that came now.
func (c *FrameClock) At(pts time.Duration, now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	origin := now.Add(-pts)
	late := origin.Sub(c.origin)
	switch {
	case !c.known || late < 0 || late > clockJump:
		c.known, c.origin = true, origin
	default:
		// The source's clock may be a little slower than ours.
		c.origin = c.origin.Add(late / clockSlack)
	}

	return c.origin.Add(pts)
}

// Reset forgets the source.
func (c *FrameClock) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = false
}
