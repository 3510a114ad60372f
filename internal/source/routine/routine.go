package routine

import (
	"context"
	"sync/atomic"
)

// Start runs f on a goroutine that recovers panics, or not at all once its
// owner is closed. It is core.Scope.Go.
type Start func(name string, f func(ctx context.Context))

// Routine is a goroutine whose resources are freed once, also if it never got
// to run.
type Routine struct {
	cleanup func()
	begun   atomic.Bool
	done    chan struct{}
}

// New makes one that was not started; cleanup frees what belongs to it.
func New(cleanup func()) *Routine {
	return &Routine{cleanup: cleanup, done: make(chan struct{})}
}

// Start runs it.
func (r *Routine) Start(start Start, name string, run func(ctx context.Context)) {
	start(name, func(ctx context.Context) {
		if r.begun.Swap(true) {
			return
		}
		defer close(r.done)
		defer r.cleanup()
		run(ctx)
	})
}

// Wait returns once the resources are freed. run has been told to end.
func (r *Routine) Wait() {
	if !r.begun.Swap(true) {
		r.cleanup()
		close(r.done)
		return
	}
	<-r.done
}

// Done is closed once the resources are freed.
func (r *Routine) Done() <-chan struct{} { return r.done }

// IsDone reports whether the resources are freed.
func (r *Routine) IsDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Signal wakes who waits for events, or who will.
func Signal(events chan<- struct{}) {
	select {
	case events <- struct{}{}:
	default:
	}
}
