package service

import (
	"context"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// capabilities are worked out once: they are the same for every peer.
type capabilities map[string]func() (string, error)

func newCapabilities() capabilities {
	c := make(capabilities)
	for _, direction := range []string{"sendonly", "recvonly"} {
		c[direction] = sync.OnceValues(func() (string, error) { return peer.Capabilities(direction) })
	}

	return c
}

// prepare works them out while the app does something else: a Device asks for
// them soon after its worker was made.
func (c capabilities) prepare(w *worker) {
	w.scope.Go("working out capabilities", func(context.Context) {
		for _, known := range c {
			_, _ = known()
		}
	})
}

func (c capabilities) answer(_ *core.Call, _ *worker, query wire.CapabilitiesQuery) (wire.Description, error) {
	known, ok := c[query.Direction]
	if !ok {
		return wire.Description{}, invalidArgument(
			`direction: expected "sendonly" or "recvonly", got %q`, query.Direction)
	}
	sdp, err := known()

	return wire.Description{Type: "offer", SDP: sdp}, refusal(err)
}
