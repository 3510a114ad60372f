package service

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// opening is a source that a worker opens, or looks at: a handle of its own, so that
// what is slow keeps nothing else waiting. Its last event but Closed tells what came of it.
type opening struct {
	worker *worker
	handle uint64
	cancel context.CancelFunc
}

func registerOpening(r *core.Registry) {
	core.HandleOn(r, wire.WorkerOpenSource, func(_ *core.Call, w *worker, spec wire.SourceSpec) (wire.Handle, error) {
		return w.open("open a source", wire.SourceOpened, func(ctx context.Context) (any, error) {
			return openSource(ctx, w, spec)
		})
	})
	core.HandleOn(r, wire.WorkerProbe, func(_ *core.Call, w *worker, query wire.ProbeQuery) (wire.Handle, error) {
		return w.open("probe a source", wire.SourceProbed, func(ctx context.Context) (any, error) {
			return probeSource(ctx, w, query)
		})
	})
	core.HandleOn(r, wire.OpeningClose, func(_ *core.Call, o *opening, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, o.Close()
	})
}

// open gives a handle to what f opens, and tells by an event what came of it.
func (w *worker) open(name string, done wire.Event, f func(ctx context.Context) (any, error)) (wire.Handle, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return wire.Handle{}, refusal(errWorkerClosed)
	}
	ctx, cancel := context.WithCancel(w.opening)
	o := &opening{worker: w, cancel: cancel}
	o.handle = w.env.NewHandle(o)
	w.scope.GoThen(name, func(context.Context) {
		result, err := f(ctx)
		if err != nil {
			w.env.Emit(o.handle, wire.OpeningFailed, asWireError(err))

			return
		}
		w.env.Emit(o.handle, done, result)
	}, func() {
		cancel()
		w.env.Release(o.handle)
	})

	return wire.Handle{Handle: o.handle}, nil
}

// Close cancels what opens. It may be called twice, and does not wait.
func (o *opening) Close() error {
	o.cancel()

	return nil
}
