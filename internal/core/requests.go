package core

import (
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

// hasRoom says whether a request may be added to those that are under way: JavaScript has them, or their answers, still
// before it.
func (e *Env) hasRoom(body int) bool {
	answers, bytes := e.queue.unread()

	return int(e.unanswered.Load())+answers < wire.MaxRequests &&
		int(e.unansweredBytes.Load())+bytes+body <= wire.MaxRequestBytes
}

// serve answers the requests of one handle until there are none.
func (e *Env) serve(target *entry) func(ctx context.Context) {
	return func(ctx context.Context) {
		for requests := target.requests.take(nil); requests != nil; requests = target.requests.take(requests) {
			for i := range requests {
				e.answer(ctx, target, &requests[i])
			}
		}
	}
}

// answer runs one request. Whatever happens, it gives exactly one reply.
func (e *Env) answer(ctx context.Context, target *entry, r *request) {
	defer func() {
		e.unanswered.Add(-1)
		e.unansweredBytes.Add(-int64(len(r.body)))
	}()
	if ctx.Err() != nil {
		e.refuse(target, r.id, ErrClosed)

		return
	}
	if e.handles.get(target.handle) != target {
		e.refuse(target, r.id, ErrStaleHandle)

		return
	}
	if r.method.Makes() && e.handles.count() >= wire.MaxHandles {
		e.refuse(target, r.id, errTooManyHandles)

		return
	}
	call := e.call(ctx, target)
	var result any
	message, stack, err := recovering(func() (err error) {
		result, err = r.run(call, r.body)

		return err
	})
	if err == nil {
		err = encode(result, func(text []byte) {
			err := e.reply(wire.RecordReply, target, r.id, text)
			if err != nil {
				e.refuse(target, r.id, err)
			}
		})
	}
	if err != nil {
		e.refuse(target, r.id, err)
	}
	if stack != "" {
		e.panicked(call, message, stack)
	}
}

func (e *Env) refuse(target *entry, id uint32, err error) {
	// An Error has only strings: it always encodes. Of a closed environment there is nobody left to tell.
	_ = encode(refusalOf(err), func(text []byte) { _ = e.reply(wire.RecordError, target, id, text) })
}

func (e *Env) call(ctx context.Context, target *entry) *Call {
	c := &Call{Env: e, Handle: target.handle}
	c.Context = recovery.WithOwner(ctx, func(message, stack string) { e.panicked(c, message, stack) })
	if target.handle != 0 {
		c.Target = target.object
	}

	return c
}
