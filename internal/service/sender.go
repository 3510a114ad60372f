package service

import (
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

type senderHandle struct {
	*peer.Sender
	peer *peerHandle
	// encoded is the handle of its encoded streams; 0 is none.
	encoded atomic.Uint64
}

func registerSender(r *core.Registry) {
	core.HandleOn(r, wire.SenderSend, func(_ *core.Call, s *senderHandle, p wire.RTPParameters) (wire.Sending, error) {
		if err := s.Send(parametersOf(p)); err != nil {
			return wire.Sending{}, refusal(err)
		}

		return wire.Sending{Held: s.Held()}, nil
	})
	core.HandleOn(r, wire.SenderBegin, func(_ *core.Call, s *senderHandle, _ wire.Empty) (wire.Empty, error) {
		s.Begin()

		return wire.Empty{}, nil
	})
	core.HandleOn(r, wire.SenderStop, func(c *core.Call, s *senderHandle, _ wire.Empty) (wire.Empty, error) {
		s.Stop()
		s.peer.drop(s.encoded.Load())
		s.peer.drop(c.Handle)

		return wire.Empty{}, nil
	})
	core.Leaves[*senderHandle](r, wire.SenderStop)
	core.HandleOn(r, wire.SenderSetPaused, func(_ *core.Call, s *senderHandle, p wire.Paused) (wire.Empty, error) {
		s.SetPaused(p.Paused)

		return wire.Empty{}, nil
	})
	core.HandleOn(r, wire.SenderReplaceTrack, func(c *core.Call, s *senderHandle, t wire.TrackReference) (wire.Empty, error) {
		track, err := lookupTrack(c.Env, t.Track)
		if err != nil {
			return wire.Empty{}, err
		}

		return wire.Empty{}, refusal(s.ReplaceTrack(track, t.TrackIdentifier))
	})
	core.HandleOn(r, wire.SenderSetEncodings, func(_ *core.Call, s *senderHandle, e wire.Encodings) (wire.Empty, error) {
		encodings, err := encodingsOf(e.Encodings)
		if err != nil {
			return wire.Empty{}, err
		}

		return wire.Empty{}, refusal(s.SetEncodings(encodings))
	})
	core.HandleOn(r, wire.SenderGetStats, func(_ *core.Call, s *senderHandle, _ wire.Empty) (wire.Stats, error) {
		return wire.Stats{Entries: s.Stats()}, nil
	})
}

func encodingsOf(given []wire.Encoding) ([]peer.Encoding, error) {
	encodings := make([]peer.Encoding, len(given))
	for i, e := range given {
		scalability, err := media.ParseScalabilityMode(e.ScalabilityMode)
		if err != nil {
			return nil, invalidArgument("scalabilityMode: %v", err)
		}
		encodings[i] = peer.Encoding{
			RID: e.RID, Active: e.Active, MaxBitrate: e.MaxBitrate, MaxFramerate: e.MaxFramerate,
			ScaleDownBy: e.ScaleResolutionDownBy, Scalability: scalability,
		}
	}

	return encodings, nil
}
