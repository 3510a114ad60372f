package media

import (
	"sync"
	"time"
)

// Clock is the position of a source, which moves with the wall clock while it
// runs. It is made stopped, at 0. All methods are safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	running bool
	// origin is the time at which the position was 0, as seen from now.
	origin time.Time
	// rest is the position while stopped.
	rest time.Duration
}

// Start lets the position move on from where it is.
func (c *Clock) Start(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running {
		c.running = true
		c.origin = now.Add(-c.rest)
	}
}

// Stop holds the position.
func (c *Clock) Stop(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		c.running = false
		c.rest = now.Sub(c.origin)
	}
}

// Position is where the source is at now.
func (c *Clock) Position(now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		return now.Sub(c.origin)
	}
	return c.rest
}

// Delay sets the position back by d: what is late by d is then on time.
func (c *Clock) Delay(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.origin = c.origin.Add(d)
	c.rest -= d
}
