package peer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// closeLimit is how long Close waits for pion.
const closeLimit = time.Second

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
	// What pion refused does not begin.
	if p.remote == nil {
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
	}, func() {})
	p.network.Abandon()
}

// Close ends everything. It may be called twice, and returns within about a second. A second
// call waits for the first, whose goroutine does not start once the caller closes its own.
func (p *Peer) Close() error {
	p.mu.Lock()
	if p.closed.Swap(true) {
		p.mu.Unlock()
		<-p.over

		return nil
	}
	defer close(p.over)
	p.finish()
	p.side.Stop()
	p.network.Close()
	senders, receivers, channels := p.senders, p.receivers, p.channels
	p.senders, p.receivers, p.channels = nil, nil, nil
	p.mu.Unlock()
	p.reporter.Close()
	for channel := range channels {
		channel.abort()
	}
	closed := make(chan error, 1)
	p.options.Go("closing a peer connection", func(context.Context) {
		// An encoder may be waiting for a connection that takes nothing.
		for sender := range senders {
			recovery.Run(p.options.Owner, "closing a sender", sender.detach)
		}
		for receiver := range receivers {
			_ = receiver.queue.Close()
		}
	}, func() {
		p.gate.Close()
		// What negotiates would give a closed connection something to do.
		p.negotiating.Lock()
		//lint:ignore SA2001 who comes after this has seen that the peer is closed
		p.negotiating.Unlock()
		p.settle()
		// What is over already fails to say goodbye.
		isOver := p.pc.SignalingState() == webrtc.SignalingStateClosed
		err := p.pc.GracefulClose()
		if isOver {
			err = nil
		}
		p.readers.Wait()
		p.network.Wait()
		p.network.Abandon()
		closed <- err
	})
	var err error
	select {
	case err = <-closed:
	case <-time.After(closeLimit):
		err = errors.New("closing takes long: it goes on in the background")
		p.force()
	}
	for receiver := range receivers {
		receiver.end()
	}

	return err
}
