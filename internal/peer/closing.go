package peer

import (
	"context"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// calls are those that a close waits for.
type calls struct {
	mu     sync.Mutex
	closed bool
	under  sync.WaitGroup
}

// begin says whether a call may go on; end follows if it may.
func (c *calls) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.under.Add(1)

	return true
}

func (c *calls) end() { c.under.Done() }

// close lets no call begin and waits for those under way.
func (c *calls) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.under.Wait()
}

// settle ends the negotiation before pion is closed: it makes ICE agents for whoever asks, and starts its transports on a
// queue of its own, and those that start after GracefulClose never end.
func (p *Peer) settle() {
	p.negotiations.close()
	if p.pc.RemoteDescription() == nil {
		return
	}
	transport := p.ice
	deadline := time.Now().Add(closeLimit)
	for transport.State() == webrtc.ICETransportStateNew && time.Now().Before(deadline) {
		time.Sleep(startInterval)
	}
}

// force ends what pion still waits for when it does not close.
func (p *Peer) force() {
	p.options.Go("closing ICE by force", func(context.Context) {
		_ = p.ice.Stop()
	})
	p.network.Abandon()
}
