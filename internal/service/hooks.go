//go:build hooks

package service

import (
	"context"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/hooks"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func registerHooks(r *core.Registry) {
	hooks.Register(r)
	core.Handle(r, hooks.Crash, func(c *core.Call, how hooks.Crashing) (wire.Empty, error) {
		if crash, ok := av.Crashes[how.How]; ok {
			crash()

			return wire.Empty{}, nil
		}

		return wire.Empty{}, hooks.CrashBy(c.Context, how.How)
	})
	core.Handle(r, hooks.Collect, func(*core.Call, wire.Empty) (hooks.Allocated, error) {
		frames.Trim()
		debug.FreeOSMemory()

		return hooks.Allocated{Bytes: av.Trim()}, nil
	})
	core.HandleOn(r, hooks.Look, func(_ *core.Call, w *worker, at hooks.Looking) (wire.Empty, error) {
		hooks.LookAt(w.handle, w.scope.Context(), at)

		return wire.Empty{}, nil
	})
	core.Handle(r, hooks.LookAnywhere, func(_ *core.Call, at hooks.Looking) (wire.Empty, error) {
		hooks.LookOutside(at)

		return wire.Empty{}, nil
	})
	core.Handle(r, hooks.Places, func(_ *core.Call, of hooks.Looked) (hooks.Began, error) {
		return hooks.Began{Places: hooks.PlacesOf(of.Worker)}, nil
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
