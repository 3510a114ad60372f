package media

import "sync"

// Cuts are what the sinks of a frame cut it into, once for all that cut it alike. All copies of a frame share them.
// It is safe for concurrent use; nil keeps nothing.
type Cuts struct {
	mu   sync.Mutex
	cuts []cut
}

type cut struct{ way, pieces any }

// Of gives what cut made of the frame in a way, which is compared. Nobody changes it.
func (c *Cuts) Of(way any, make func() any) any {
	if c == nil {
		return make()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, made := range c.cuts {
		if made.way == way {
			return made.pieces
		}
	}
	pieces := make()
	c.cuts = append(c.cuts, cut{way, pieces})

	return pieces
}

// Forget keeps nothing any more of what was cut: for a frame that stays longer than it is sent.
func (c *Cuts) Forget() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cuts = nil
}
