package source

import (
	"context"
	"errors"
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// opening is a source that opens, for all who name it meanwhile. The last of them
// who waits no longer cancels it. It is guarded by its Registry's mu.
type opening struct {
	registry *Registry
	spec     Spec
	key      string
	cancel   context.CancelFunc
	routine  *routine.Routine
	waiters  []*waiter
	// left says that nobody waits any more: who comes now begins anew, after it.
	left bool

	// engine and err are what came of it, before settle.
	engine engine.Engine
	err    error
}

// waiter is one who asked for tracks of a source that opens.
type waiter struct {
	kinds []media.Kind
	// got has room for the one answer.
	got chan openedOrNot
}

type openedOrNot struct {
	opened *Opened
	err    error
}

// begin opens what spec names. Called with mu held.
func (r *Registry) begin(spec Spec, value, key string) *opening {
	ctx, cancel := context.WithCancel(r.life)
	o := &opening{registry: r, spec: spec, key: key, cancel: cancel}
	o.routine = routine.New(o.settle)
	r.opening[key] = o
	o.routine.Start(r.start, "open a source", func(outer context.Context) {
		defer recovery.AfterFunc(outer, "stop opening a source", cancel)()
		o.engine, o.err = openEngine(recovery.Inherit(ctx, outer), r.start, r.log, spec, value)
	})
	return o
}

// join waits for tracks of a source that opens. Called with mu held.
func (o *opening) join(kinds []media.Kind) *waiter {
	w := &waiter{kinds: kinds, got: make(chan openedOrNot, 1)}
	o.waiters = append(o.waiters, w)
	return w
}

// leave is for who waits no longer.
func (o *opening) leave(w *waiter) {
	o.registry.mu.Lock()
	o.waiters = slices.DeleteFunc(o.waiters, func(other *waiter) bool { return other == w })
	if len(o.waiters) == 0 {
		o.left = true
		o.cancel()
	}
	o.registry.mu.Unlock()
	select {
	case got := <-w.got:
		got.opened.stop()
	default:
	}
}

// settle answers those who wait, once there is an engine or none.
func (o *opening) settle() {
	o.cancel()
	r := o.registry
	r.mu.Lock()
	delete(r.opening, o.key)
	if r.closed || o.engine == nil && o.err == nil {
		o.err = errRegistryClosed()
	}
	played := o.err == nil && o.play()
	if o.err != nil {
		for _, w := range o.waiters {
			w.got <- openedOrNot{err: o.err}
		}
	}
	r.mu.Unlock()
	if o.engine != nil && !played {
		o.engine.Close()
	}
}

// play gives those who wait their tracks, and begins to play if anybody has one.
func (o *opening) play() bool {
	s := newSource(o.registry, o.engine)
	var primed []media.Kind
	for _, w := range o.waiters {
		if err := s.canAll(w.kinds); err != nil {
			w.got <- openedOrNot{err: err}
			continue
		}
		tracks, _ := s.addTracks(w.kinds)
		for _, kind := range w.kinds {
			if !slices.Contains(primed, kind) {
				primed = append(primed, kind)
			}
		}
		w.got <- openedOrNot{opened: s.opened(tracks)}
	}
	if len(primed) == 0 {
		s.stop()
		return false
	}
	s.start(o.registry.start, primed)
	o.registry.sources[o.key] = s
	o.registry.log.Debugf("source opened | id:%s name:%s", s.id, o.engine.Name())
	return true
}

// outlived reports whether err is that o had less time than spec has.
func (o *opening) outlived(spec Spec, err error) bool {
	return errors.Is(err, refusal.ErrTimeout) && o.spec.patience() < spec.patience()
}

// stop ends the tracks of what nobody wants any more.
func (o *Opened) stop() {
	if o == nil {
		return
	}
	for _, t := range o.tracks {
		t.Stop()
	}
}
