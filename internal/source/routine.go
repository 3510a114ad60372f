package source

import (
	"context"
	"sync/atomic"
)

// Start runs f on a goroutine that recovers panics, or not at all once its
// owner is closed. It is core.Scope.Go.
type Start func(name string, f func(ctx context.Context))

// routine is a goroutine whose resources are freed once, also if it never got
// to run.
type routine struct {
	cleanup func()
	begun   atomic.Bool
	done    chan struct{}
}

func newRoutine(cleanup func()) *routine {
	return &routine{cleanup: cleanup, done: make(chan struct{})}
}

func (r *routine) start(start Start, name string, run func(ctx context.Context)) {
	start(name, func(ctx context.Context) {
		if r.begun.Swap(true) {
			return
		}
		defer close(r.done)
		defer r.cleanup()
		run(ctx)
	})
}

// wait returns once the resources are freed. run has been told to end.
func (r *routine) wait() {
	if !r.begun.Swap(true) {
		r.cleanup()
		close(r.done)
		return
	}
	<-r.done
}

func (r *routine) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}
