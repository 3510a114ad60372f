package service

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// generatorHandle is a generator that JavaScript writes to.
type generatorHandle struct {
	source.Generator
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
	told := source.GeneratorEvents{
		Drain:  func() { c.Env.Emit(handle, wire.GeneratorDrain, wire.Empty{}) },
		Sent:   func() { c.Env.Emit(handle, wire.GeneratorSent, wire.Empty{}) },
		Closed: func() { c.Env.Release(handle) },
	}
	written := source.WrittenTrack{Kind: kind, ID: options.TrackID, Hardware: options.Hardware}
	generator, opened, err := w.sources.AddGenerator(written, told)
	g.Generator = generator
	if err != nil {
		return wire.Generator{}, refusal(err)
	}
	track := opened.Video
	if kind == media.Audio {
		track = opened.Audio
	}
	made, err := w.publish(track)
	if err != nil {
		return wire.Generator{}, refusal(err)
	}

	return wire.Generator{Handle: handle, PlayerID: opened.PlayerID, Track: made}, nil
}

// WriteFrame implements core.FrameTarget.
func (g *generatorHandle) WriteFrame(f *frames.Frame) error {
	err := g.Write(f)
	switch {
	case errors.Is(err, source.ErrGeneratorFull):
		return fmt.Errorf("%w: %w", core.ErrBufferFull, err)
	case errors.Is(err, source.ErrGeneratorEnded):
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
