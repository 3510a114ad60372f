package service

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// watchLevel has a receiver tell how loud it is.
func watchLevel(_ *core.Call, h *receiverHandle, asked wire.LevelWatch) (wire.Empty, error) {
	h.Hear(peer.Hearing{
		Interval: time.Duration(asked.Interval) * time.Millisecond, Voice: asked.Voice,
		Threshold: asked.Threshold, Hold: time.Duration(asked.Hold) * time.Millisecond,
	}, (*receiverHearer)(h))

	return wire.Empty{}, nil
}

// receiverHearer is receiverHandle as peer.Hearer.
type receiverHearer receiverHandle

func (h *receiverHearer) Level(level uint8, voice bool, timestamp uint32, at time.Time) {
	h.peer.worker.env.Emit(h.handle, wire.ReceiverLevel,
		wire.Level{Level: level, Voice: voice, RTPTimestamp: timestamp, Timestamp: media.Milliseconds(at)})
}

func (h *receiverHearer) Voice(active bool, at time.Time) {
	h.peer.worker.env.Emit(h.handle, wire.ReceiverVoice, wire.Voice{Active: active, Timestamp: media.Milliseconds(at)})
}

// heardSources are who was heard when JavaScript looked: the stream's own, then those that were mixed.
type heardSources struct {
	all []peer.Source
	own int
}

// Query implements core.Queryable.
func (h *receiverHandle) Query(what uint32) (int64, bool) {
	seen := &h.sources
	if what == wire.QuerySources {
		own, mixed := h.Sources()
		seen.all, seen.own = append(own, mixed...), len(own)

		return int64(len(seen.all)), true
	}
	index := int(what >> wire.QueryIndexShift)
	if index >= len(seen.all) {
		return 0, false
	}
	source := seen.all[index]
	switch what & (1<<wire.QueryIndexShift - 1) {
	case wire.QuerySourceSSRC:
		return int64(source.SSRC), true
	case wire.QuerySourceMixed:
		if index < seen.own {
			return 0, true
		}

		return 1, true
	case wire.QuerySourceTimestamp:
		return int64(source.Timestamp), true
	case wire.QuerySourceTime:
		return media.Steady(source.At).UnixMicro(), true
	case wire.QuerySourceLevel:
		if !source.HasLevel {
			return wire.QueryNoLevel, true
		}

		return int64(source.Level), true
	default:
		return 0, false
	}
}
