package core

import (
	"cmp"
	"context"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// request is one call that waits for its turn.
type request struct {
	id     uint32
	method wire.Method
	run    func(c *Call, body []byte) (any, error)
	body   []byte
}

// requestLine runs the requests of one handle in order, one at a time.
type requestLine struct {
	mu      sync.Mutex
	waiting []request
	serving bool
}

// push says whether the caller is to start serving.
func (l *requestLine) push(r request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, r)
	start := !l.serving
	l.serving = true

	return start
}

// take returns all that waits, and reuses done. Nil ends the serving.
func (l *requestLine) take(done []request) []request {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.serving = false

		return nil
	}
	clear(done)
	taken := l.waiting
	l.waiting = done[:0]

	return taken
}

// serve answers the requests of one handle until there are none. A closed environment answers none.
func (e *Env) serve(target *entry) bool {
	// left are those that were taken and have no answer.
	var left []request
	served := false
	ctx := e.call(e.scope.Context(), target).Context

	return e.scope.start(ctx, "requests", func(ctx context.Context) {
		for requests := target.requests.take(nil); requests != nil; requests = target.requests.take(requests) {
			for left = requests; len(left) > 0; left = left[1:] {
				e.answer(ctx, target, &left[0])
			}
		}
		served = true
	}, func() {
		if !served {
			e.refuseAll(target, left)
		}
	})
}

// refuseAll is for requests that nobody will answer: those that are left of what was taken, and those that wait.
func (e *Env) refuseAll(target *entry, left []request) {
	for requests := left; ; {
		for i := range requests {
			e.refuse(target, &requests[i], ErrPanic)
		}
		if requests = target.requests.take(requests); requests == nil {
			return
		}
	}
}

// answer runs one request. Whatever panics in it, it gives exactly one reply.
func (e *Env) answer(ctx context.Context, target *entry, r *request) {
	call := e.call(ctx, target)
	message, stack, err := recovering(func() error {
		if err := e.run(call, target, r); err != nil {
			// Its words are another's code too.
			return refusalOf(err)
		}

		return nil
	})
	if err != nil {
		e.refuse(target, r, err)
	}
	if stack != "" {
		e.panicked(call, message, stack)
	}
}

// run replies with the result, if there is one.
func (e *Env) run(call *Call, target *entry, r *request) error {
	switch {
	case call.Context.Err() != nil:
		return ErrClosed
	case e.handles.get(target.handle) != target:
		return errTargetStale
	case r.method.Makes() && e.handles.count() >= wire.MaxHandles:
		return errTooManyHandles
	}
	result, err := r.run(call, r.body)
	if err != nil {
		return err
	}
	var lost error
	err = encode(result, func(text []byte) { lost = e.reply(wire.RecordReply, target, r, text) })

	return cmp.Or(err, lost)
}

func (e *Env) refuse(target *entry, r *request, err error) {
	// An Error has only strings: it always encodes. Of a closed environment there is nobody left to tell.
	_ = encode(refusalOf(err), func(text []byte) { _ = e.reply(wire.RecordError, target, r, text) })
}

func (e *Env) call(ctx context.Context, target *entry) *Call {
	c := &Call{Env: e, Handle: target.handle}
	c.Context = recovery.WithOwner(ctx, func(message, stack string) { e.panicked(c, message, stack) })
	if target.handle != 0 {
		c.Target = target.object
	}

	return c
}
