package service

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

type receiverHandle struct {
	*peer.Receiver
	peer *peerHandle
	// handle is its own, for its events.
	handle uint64
	// sources is what QuerySources looked at. It belongs to the JavaScript thread.
	sources heardSources
}

func registerReceiver(r *core.Registry) {
	core.HandleOn(r, wire.ReceiverStop, func(_ *core.Call, h *receiverHandle, _ wire.Empty) (wire.Empty, error) {
		h.Stop()

		return wire.Empty{}, nil
	})
	core.HandleOn(r, wire.ReceiverSetPaused, func(_ *core.Call, h *receiverHandle, p wire.Paused) (wire.Empty, error) {
		h.SetPaused(p.Paused)

		return wire.Empty{}, nil
	})
	core.HandleOn(r, wire.ReceiverWatchLevel, watchLevel)
	core.HandleOn(r, wire.ReceiverGetStats, func(_ *core.Call, h *receiverHandle, _ wire.Empty) (wire.Stats, error) {
		return wire.Stats{Entries: h.Stats()}, nil
	})
}
