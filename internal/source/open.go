package source

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/capture"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/play"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/remote"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/threads"
)

// openEngine opens what spec names; value is what its check gave. It leaves
// nothing open when it fails.
func openEngine(ctx context.Context, start routine.Start, log Logger, spec Spec, value string) (engine.Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, spec.patience())
	defer cancel()
	give, err := threads.Process.Take()
	if err != nil {
		return nil, &refusal.Error{Kind: refusal.ErrBroken, Cause: err, Message: "the source was not opened: " + err.Error()}
	}
	if spec.Type == "url" {
		return openPlayer(ctx, spec, func() (*container.Container, error) { return remote.Open(ctx, start, log, spec.remote(), give) })
	}
	defer give()
	if spec.Type == "device" {
		return openDeviceEngine(ctx, start, spec.device())
	}
	return openPlayer(ctx, spec, func() (*container.Container, error) { return container.OpenFile(ctx, value, spec.Options) })
}

// openPlayer opens what a player plays.
func openPlayer(ctx context.Context, spec Spec, open func() (*container.Container, error)) (engine.Engine, error) {
	c, err := open()
	if err != nil {
		return nil, err
	}
	p, opened := play.New(c, spec.Loop), false
	defer func() {
		// What panics is closed too.
		if !opened {
			p.Close()
		}
	}()
	p.Pass(ctx, spec.Decode)
	p.OpenDecoders()
	if ctx.Err() != nil {
		return nil, c.Cancelled(ctx)
	}
	opened = true
	return p, nil
}

// openDeviceEngine opens a device, or a graph of filters, which a player gives its time.
func openDeviceEngine(ctx context.Context, start routine.Start, d capture.Spec) (engine.Engine, error) {
	if !d.IsGraph() {
		return capture.Open(ctx, start, d)
	}
	c, err := capture.OpenGraph(d)
	if err != nil {
		return nil, err
	}
	p := play.New(c, false)
	p.OpenDecoders()
	return p, nil
}
