package service

import (
	"encoding/json"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// demand is ask for what must not be refused.
func (c *client) demand(handle uint64, method wire.Method, params, result any) {
	c.t.Helper()
	if refused := c.ask(handle, method, params, result); refused != nil {
		c.t.Fatalf("method %v: %v", method, refused)
	}
}

// until waits for the event of a handle that tells of a state.
func (c *client) until(handle uint64, event wire.Event, state string) {
	c.t.Helper()
	for {
		var told wire.State
		if err := json.Unmarshal(c.event(handle, event), &told); err != nil {
			c.t.Fatal(err)
		}
		if told.State == state {
			return
		}
	}
}

// connect joins two peers of a worker by what the caller made on the first.
func (c *client) connect(from, to uint64) {
	c.t.Helper()
	var offer, answer wire.Description
	c.demand(from, wire.PeerCreateOffer, wire.Empty{}, &offer)
	c.demand(from, wire.PeerSetLocalDescription, offer, nil)
	c.until(from, wire.PeerIceGatheringState, "complete")
	// Now with the candidates.
	c.demand(from, wire.PeerCreateOffer, wire.Empty{}, &offer)
	c.demand(to, wire.PeerSetRemoteDescription, offer, nil)
	c.demand(to, wire.PeerCreateAnswer, wire.Empty{}, &answer)
	c.demand(to, wire.PeerSetLocalDescription, answer, &answer)
	c.demand(from, wire.PeerSetRemoteDescription, answer, nil)
}

func (c *client) loopbackPeer(worker uint64) uint64 {
	c.t.Helper()
	var made wire.Handle
	c.demand(worker, wire.WorkerCreatePeer, wire.PeerOptions{Loopback: true}, &made)

	return made.Handle
}

func TestWhatADataChannelRefusesHasItsStatus(t *testing.T) {
	c := open(t)
	worker := c.worker()
	from, to := c.loopbackPeer(worker), c.loopbackPeer(worker)
	var channel wire.Handle
	c.demand(from, wire.PeerCreateDataChannel, wire.ChannelOptions{Label: "x", ID: 1, Ordered: true}, &channel)
	if got := c.env.Send(channel.Handle, false, []byte("early")); got != wire.StatusInvalidState {
		t.Errorf("before it is open: %v", got)
	}
	c.connect(from, to)
	c.until(channel.Handle, wire.ChannelState, "open")

	if got := c.env.Send(channel.Handle, false, make([]byte, 1<<20)); got != wire.StatusTooLarge {
		t.Errorf("a message that is too large: %v", got)
	}
	message := make([]byte, 64<<10)
	status := wire.StatusOK
	for range 1 << 14 {
		if status = c.env.Send(channel.Handle, false, message); status != wire.StatusOK {
			break
		}
	}
	if status != wire.StatusBufferFull {
		t.Errorf("a full buffer: %v", status)
	}
	c.demand(channel.Handle, wire.ChannelClose, wire.Empty{}, nil)
	if got := c.env.Send(channel.Handle, false, message); got != wire.StatusInvalidState && got != wire.StatusStaleHandle {
		t.Errorf("after close: %v", got)
	}
}
