package source

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/capture"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/play"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/remote"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// openEngine opens what spec names; value is what its check gave. It leaves
// nothing open when it fails.
func openEngine(ctx context.Context, start routine.Start, log Logger, spec Spec, value string) (engine.Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, spec.patience())
	defer cancel()
	if spec.Type == "device" {
		return openDeviceEngine(ctx, start, spec.device())
	}
	var c *container.Container
	var err error
	switch spec.Type {
	case "url":
		c, err = remote.Open(ctx, start, log, spec.remote())
	default:
		c, err = container.OpenFile(ctx, value, spec.Options)
	}
	if err != nil {
		return nil, err
	}
	p := play.New(c, spec.Loop)
	p.Pass(ctx, spec.Decode)
	p.OpenDecoders()
	if ctx.Err() != nil {
		p.Close()
		return nil, c.Cancelled(ctx)
	}
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
