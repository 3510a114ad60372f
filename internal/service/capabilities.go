package service

import (
	"context"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// capabilities are worked out once: they are the same for every peer.
type capabilities map[string]*capability

// capability is what is offered in one direction. What failed is tried again.
type capability struct {
	work func() (string, error)

	mu  sync.Mutex
	sdp string
}

func newCapabilities(work func(direction string) (string, error)) capabilities {
	c := make(capabilities)
	for _, direction := range []string{"sendonly", "recvonly"} {
		c[direction] = &capability{work: func() (string, error) { return work(direction) }}
	}

	return c
}

func (c *capability) known() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sdp != "" {
		return c.sdp, nil
	}
	var err error
	c.sdp, err = c.work()

	return c.sdp, err
}

// prepare works them out while the app does something else: a Device asks for
// them soon after its worker was made.
func (c capabilities) prepare(w *worker) {
	w.scope.Go("working out capabilities", func(context.Context) {
		for _, known := range c {
			_, _ = known.known()
		}
	})
}

func (c capabilities) answer(_ *core.Call, _ *worker, query wire.CapabilitiesQuery) (wire.Description, error) {
	known, ok := c[query.Direction]
	if !ok {
		return wire.Description{}, invalidArgument(
			`direction: expected "sendonly" or "recvonly", got %q`, query.Direction)
	}
	sdp, err := known.known()

	return wire.Description{Type: "offer", SDP: sdp}, refusal(err)
}
