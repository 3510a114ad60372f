package service

import (
	"errors"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/generated"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// generator is what frames are written to.
type generator interface {
	engine.Engine
	Write(f *frames.Frame) error
	Clear()
	Mark()
	Queued() time.Duration
}

// generatorHandle is a generator that JavaScript writes to.
type generatorHandle struct {
	generator
	worker *worker
}

func registerGenerator(r *core.Registry) {
	core.HandleOn(r, wire.WorkerOpenGenerator, openGenerator)
	// Both are of what was written so far, and done before anything else is.
	nothing := func(*core.Call, *generatorHandle, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil }
	core.HandleOn(r, wire.GeneratorClear, nothing)
	core.Announces(r, wire.GeneratorClear, func(g *generatorHandle) { g.Clear() })
	core.HandleOn(r, wire.GeneratorDrained, nothing)
	core.Announces(r, wire.GeneratorDrained, func(g *generatorHandle) { g.Mark() })
}

func openGenerator(c *core.Call, w *worker, options wire.GeneratorOptions) (wire.Generator, error) {
	kind, err := kindOf(options.Kind)
	if err != nil {
		return wire.Generator{}, err
	}
	g := &generatorHandle{worker: w}
	handle := c.Env.NewHandle(g)
	told := generated.Told{
		Drain:  func() { c.Env.Emit(handle, wire.GeneratorDrain, wire.Empty{}) },
		Sent:   func() { c.Env.Emit(handle, wire.GeneratorSent, wire.Empty{}) },
		Closed: func() { c.Env.Release(handle) },
	}
	if kind == media.Audio {
		g.generator = generated.NewAudio(told)
	} else {
		g.generator = generated.NewVideo(told)
	}
	opened, err := w.sources.Add(g.generator, kind, options.TrackID)
	if err != nil {
		return wire.Generator{}, refusal(err)
	}
	track := opened.Video
	if kind == media.Audio {
		track = opened.Audio
	}
	trackHandle, err := w.adopt(track)
	if err != nil {
		track.Stop()

		return wire.Generator{}, refusal(err)
	}
	w.watch(trackHandle, track)

	return wire.Generator{
		Handle: handle, PlayerID: opened.PlayerID, Track: wire.OpenedTrack{Handle: trackHandle, ID: track.ID()},
	}, nil
}

// WriteFrame implements core.FrameTarget.
func (g *generatorHandle) WriteFrame(f *frames.Frame) error {
	err := g.Write(f)
	switch {
	case errors.Is(err, generated.ErrFull):
		return fmt.Errorf("%w: %w", core.ErrBufferFull, err)
	case errors.Is(err, generated.ErrEnded):
		return fmt.Errorf("%w: %w", core.ErrInvalidState, err)
	}

	return err
}

// Query implements core.Queryable: how much sound was not sent yet, in µs.
func (g *generatorHandle) Query(what uint32) (int64, bool) {
	if what != wire.QueryQueuedDuration {
		return 0, false
	}

	return g.Queued().Microseconds(), true
}
