//go:build hooks

package service

import (
	"context"
	"os"
	"strconv"

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
	core.HandleOn(r, hooks.WorkerFlood, func(_ *core.Call, w *worker, p hooks.Flood) (wire.Empty, error) {
		w.scope.Go("deliberate flood", func(context.Context) {
			log := w.log.scoped("flood")
			for i := range max(p.Lines, p.States) {
				if i < p.Lines {
					log.Debugf("line %d of a flood", i)
				}
				if i < p.States {
					w.env.Emit(w.handle, wire.PeerConnectionState, wire.State{State: strconv.Itoa(i)})
				}
			}
			log.Errorf("the flood has ended")
			if err := os.WriteFile(p.Done, nil, 0o600); err != nil {
				log.Errorf("%v", err)
			}
		})

		return wire.Empty{}, nil
	})
}
