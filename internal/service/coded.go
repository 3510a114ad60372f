package service

import (
	"encoding/base64"
	"errors"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// codedTrack is a track of frames that JavaScript writes.
type codedTrack struct {
	*source.CodedTrack

	mu      sync.Mutex
	refused string
}

func registerCoded(r *core.Registry) {
	core.HandleOn(r, wire.WorkerCreateCodedTrack, createCodedTrack)
	core.HandleOn(r, wire.CodedTrackRefusal, func(_ *core.Call, t *trackHandle, _ wire.Empty) (wire.Refusal, error) {
		if own, ok := t.Track.(*codedTrack); ok {
			return wire.Refusal{Reason: own.refusal()}, nil
		}

		return wire.Refusal{}, nil
	})
}

func createCodedTrack(c *core.Call, w *worker, options wire.CodedTrackOptions) (wire.OpenedTrack, error) {
	kind, err := kindOf(options.Kind)
	if err != nil {
		return wire.OpenedTrack{}, err
	}
	var description []byte
	if options.Description != "" {
		if description, err = base64.StdEncoding.DecodeString(options.Description); err != nil {
			return wire.OpenedTrack{}, invalidArgument("description: %v", err)
		}
	}
	// Its handle is known before anybody has the track.
	var made wire.OpenedTrack
	track, err := source.NewCodedTrack(source.CodedOptions{
		Kind: kind, MimeType: options.MimeType, Description: description, Start: w.scope.Go,
		Keyframe: func() { c.Env.Emit(made.Handle, wire.CodedTrackKeyframe, wire.Empty{}) },
		Bitrate: func(bitsPerSecond int) {
			c.Env.Emit(made.Handle, wire.CodedTrackBitrate, wire.Bitrate{Bitrate: bitsPerSecond})
		},
		Room: func() { c.Env.Emit(made.Handle, wire.CodedTrackRoom, wire.Empty{}) },
	})
	if err != nil {
		return wire.OpenedTrack{}, refusal(err)
	}
	made, err = w.publish(&codedTrack{CodedTrack: track})

	return made, refusal(err)
}

// WriteFrame implements core.FrameTarget.
func (t *codedTrack) WriteFrame(f *frames.Frame) error {
	err := t.CodedTrack.WriteFrame(f)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, source.ErrCodedFull):
		return errors.Join(core.ErrBufferFull, err)
	case errors.Is(err, source.ErrCodedFrame):
		t.mu.Lock()
		t.refused = err.Error()
		t.mu.Unlock()

		return &wire.Error{Name: "TypeError", Code: wire.CodeInvalidArgument, Message: err.Error()}
	}

	return refusal(err)
}

func (t *codedTrack) refusal() string {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.refused
}
