//go:build hooks

package service

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/hooks"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func registerHooks(r *core.Registry) {
	hooks.Register(r)
	core.Handle(r, hooks.Crash, func(c *core.Call, how hooks.Crashing) (wire.Empty, error) {
		if how.How == "c" {
			av.Crash()
		}

		return wire.Empty{}, hooks.CrashBy(c.Context, how.How)
	})
	core.HandleOn(r, hooks.WorkerPanic, func(_ *core.Call, w *worker, _ wire.Empty) (wire.Empty, error) {
		w.scope.Go("deliberate panic", func(context.Context) { panic("deliberate panic, asked for by a test") })

		return wire.Empty{}, nil
	})
}
