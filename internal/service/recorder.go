package service

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recorder"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// recorderHandle is a recording. It ends with its worker, and its file is whole then.
type recorderHandle struct {
	*recorder.Recorder
	worker *worker
	handle uint64
}

func (h *recorderHandle) owner() *worker { return h.worker }

func registerRecorder(r *core.Registry) {
	core.HandleOn(r, wire.TrackRecord, record)
	does := func(m wire.Method, do func(h *recorderHandle)) {
		core.HandleOn(r, m, func(_ *core.Call, h *recorderHandle, _ wire.Empty) (wire.Empty, error) {
			do(h)

			return wire.Empty{}, nil
		})
	}
	does(wire.RecorderPause, func(h *recorderHandle) { h.Pause() })
	does(wire.RecorderResume, func(h *recorderHandle) { h.Resume() })
	does(wire.RecorderRequestData, func(h *recorderHandle) { h.Flush() })
	does(wire.RecorderStop, func(h *recorderHandle) { h.Stop() })
}

func record(c *core.Call, first *trackHandle, options wire.RecorderOptions) (wire.Recording, error) {
	w := first.worker
	var tracks []media.Track
	for _, handle := range options.Tracks {
		track, err := lookupTrack(c.Env, &handle)
		if err != nil {
			return wire.Recording{}, err
		}
		tracks = append(tracks, track)
	}
	h := &recorderHandle{worker: w}
	h.handle = c.Env.NewHandle(h)
	open := func(segments bool) (recorder.Output, error) {
		switch {
		case segments:
			return recorder.CreatePlaylist(options.File, time.Duration(options.SegmentDuration)*time.Millisecond)
		case options.File != "":
			return recorder.Create(options.File)
		default:
			return &pieces{env: w.env, handle: h.handle, ctx: w.scope.Context()}, nil
		}
	}
	var err error
	h.Recorder, err = recorder.Start(recorder.Options{
		Container: options.Container, Tracks: tracks, Codecs: options.Codecs, Open: open,
		VideoBitrate: options.VideoBitrate, AudioBitrate: options.AudioBitrate,
		Go: w.scope.GoThen, Done: h.done,
	})
	if err != nil {
		w.env.Release(h.handle)

		return wire.Recording{}, refusal(err)
	}

	return wire.Recording{Handle: h.handle, Codecs: h.Codecs()}, nil
}

func (h *recorderHandle) done(err error, stats recorder.Stats) {
	end := wire.RecorderEnd{
		Frames: stats.Frames, Dropped: stats.Dropped, OmittedTracks: stats.Omitted, Lost: stats.Lost,
		Duration: stats.Duration.Seconds(),
	}
	if err != nil {
		end.Error = asWireError(err)
	}
	h.worker.env.Emit(h.handle, wire.RecorderStopped, end)
	h.worker.env.Release(h.handle)
}

// pieces are given to JavaScript. It blocks while JavaScript is behind: the recorder's queue is bounded.
type pieces struct {
	env    *core.Env
	handle uint64
	ctx    context.Context //nolint:containedctx // ends with the worker
}

func (p *pieces) Write(b []byte) (int, error) {
	return len(b), p.env.EmitBytes(p.ctx, p.handle, false, b)
}

func (p *pieces) Flush(asked bool) error {
	if asked {
		p.env.Emit(p.handle, wire.RecorderData, wire.Empty{})
	}

	return nil
}

func (p *pieces) Close() error { return nil }
