package service

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

type receiverHandle struct {
	*peer.Receiver
	peer *peerHandle
	// handle is its own, for its events.
	handle uint64
}

// Query implements core.Queryable.
func (h *receiverHandle) Query(what uint32) (int64, bool) {
	last, heard := h.Levels().Last()
	switch what {
	case wire.QueryAudioLevel:
		switch {
		case !heard:
			return 256, true
		case last.Voice:
			return int64(last.Level) + 128, true
		default:
			return int64(last.Level), true
		}
	case wire.QueryPacketTime:
		return max(last.At.UnixMilli(), 0), true
	case wire.QueryRTPTimestamp:
		return int64(last.RTPTimestamp), true
	default:
		return 0, false
	}
}

// watchLevel tells of how loud it is, or no longer.
func (h *receiverHandle) watchLevel(env *core.Env, interval time.Duration) {
	if interval <= 0 {
		h.Levels().Watch(0, nil)

		return
	}
	h.Levels().Watch(interval, func(l feedback.Loudness) {
		env.Emit(h.handle, wire.ReceiverLevel, wire.Level{
			Level: l.Level, Voice: l.Voice, RTPTimestamp: l.RTPTimestamp, Timestamp: float64(l.At.UnixMicro()) / 1000,
		})
	})
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
	core.HandleOn(r, wire.ReceiverWatchLevel, func(c *core.Call, h *receiverHandle, p wire.LevelWatch) (wire.Empty, error) {
		h.watchLevel(c.Env, time.Duration(p.Interval)*time.Millisecond)

		return wire.Empty{}, nil
	})
	core.HandleOn(r, wire.ReceiverGetStats, func(_ *core.Call, h *receiverHandle, _ wire.Empty) (wire.Stats, error) {
		return wire.Stats{Entries: h.Stats()}, nil
	})
}
