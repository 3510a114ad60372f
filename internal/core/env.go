// Package core is the Go side of the waist: environments, handles, requests,
// the event queue, lent bytes, and recovery from panics. It knows neither what
// the messages mean nor how they cross into JavaScript.
package core

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// How long Close waits for requests to notice, and for everything to end.
const (
	requestGrace = 250 * time.Millisecond
	closeLimit   = 2 * time.Second
)

// ByteTarget is an object that takes bytes.
type ByteTarget interface {
	// Send borrows data for the call. It must not block.
	Send(text bool, data []byte) error
}

// Queryable is an object with numbers that can be read at once.
type Queryable interface {
	// Query returns false for what it does not know. It must not block.
	Query(what uint32) (int64, bool)
}

// Env is what one Node environment (the main thread, or a worker thread) has of
// the core.
type Env struct {
	registry *Registry
	handles  *handleTable
	queue    *queue
	lending  *lending
	held     *held
	scope    *Scope
	// lent are planes, which may come back after the end. It has a life of its own.
	lent *Lent

	// bell guards ring: Close waits for a ring under way, and lets none follow.
	bell   sync.RWMutex
	ring   func()
	closed atomic.Bool
	ended  chan struct{}
}

// Option changes how an environment is opened.
type Option func(*Env)

// WithBell gives the environment its bell, a word of wire.BellArmed, which is the caller's until Close has returned.
func WithBell(bell *uint32) Option {
	return func(e *Env) { e.queue.bell = bell }
}

// Open makes an environment. ring is called, on any goroutine, when there is
// something to poll and not again before the bell was armed; it must not block, and is never called after Close has returned.
func Open(registry *Registry, ring func(), options ...Option) *Env {
	e := &Env{
		registry: registry,
		handles:  newHandleTable(),
		queue:    newQueue(),
		lending:  newLending(),
		held:     newHeld(),
		lent:     &Lent{},
		ring:     ring,
		ended:    make(chan struct{}),
	}
	for _, option := range options {
		option(e)
	}
	e.scope = NewScope(func(message, stack string) { e.panicked(&Call{Env: e}, message, stack) })

	return e
}

// GoThen runs f on a goroutine that Close waits for, and then, however f ended, finally. A closed environment runs neither.
func (e *Env) GoThen(name string, f func(ctx context.Context), finally func()) {
	e.scope.start(e.scope.context, name, f, finally)
}

// NewHandle makes a handle for object: a number from 1 to wire.MaxHandle, or 0
// when there are too many. If object is an io.Closer, Close closes it.
func (e *Env) NewHandle(object any) uint64 {
	made := e.handles.add(object)
	if made == nil {
		return 0
	}

	return made.handle
}

// Lookup returns the object of a handle.
func (e *Env) Lookup(handle uint64) (any, bool) {
	found := e.handles.get(handle)
	if found == nil || handle == 0 {
		return nil, false
	}

	return found.object, true
}

// Release ends a handle: wire.Closed is its last event, and it is stale now.
// The object is not closed.
func (e *Env) Release(handle uint64) {
	found := e.handles.get(handle)
	if found == nil || !e.handles.remove(handle) {
		return
	}
	if e.queue.appendLast(found, wire.Record{
		Type: wire.RecordEvent, Handle: handle, Number: uint32(wire.Closed), Payload: []byte("{}"),
	}) {
		e.rings()
	}
}

// Call takes a request, copies its body and returns. The reply comes by Poll,
// if and only if the status is OK and the environment lives.
func (e *Env) Call(id uint32, handle uint64, method wire.Method, body []byte) wire.Status {
	if e.closed.Load() {
		return wire.StatusClosed
	}
	operation, known := e.registry.methods[method]
	if !known {
		return wire.StatusBadArgument
	}
	if len(body) > wire.MaxBody {
		return wire.StatusTooLarge
	}
	target := e.handles.get(handle)
	switch {
	case target == nil:
		return wire.StatusStaleHandle
	case !operation.accepts(target.object):
		return wire.StatusWrongKind
	}
	if !e.queue.admit(len(body), method.Ends()) {
		return wire.StatusBufferFull
	}
	if operation.announce != nil {
		operation.announce(target.object, body)
	}
	if target.requests.push(request{id, method, operation.run, append([]byte(nil), body...)}) &&
		!e.serve(target) {
		return wire.StatusClosed
	}

	return wire.StatusOK
}

// Send gives bytes to a handle's object, which borrows them.
func (e *Env) Send(handle uint64, text bool, data []byte) wire.Status {
	target, found, status := objectOf[ByteTarget](e, handle)
	if status != wire.StatusOK {
		return status
	}

	return statusOf(e.guarded(found, func() error { return target.Send(text, data) }))
}

// Query reads a number of a handle's object.
func (e *Env) Query(handle uint64, what uint32) (int64, wire.Status) {
	target, found, status := objectOf[Queryable](e, handle)
	if status != wire.StatusOK {
		return 0, status
	}
	var value int64
	var known bool
	err := e.guarded(found, func() error {
		value, known = target.Query(what)

		return nil
	})
	switch {
	case err != nil:
		return 0, statusOf(err)
	case !known:
		return 0, wire.StatusBadArgument
	default:
		return value, wire.StatusOK
	}
}

// Poll fills buf, of wire.BatchSize bytes or more, with records and returns how
// many bytes. 0 means that there are none, and that the next one rings; else the bell says whether there are more.
func (e *Env) Poll(buf []byte) int { return e.queue.poll(buf) }

// Take copies the bytes of a record with wire.FlagLent into room, which has their length, and ends the loan. Without
// room it does that alone.
func (e *Env) Take(token uint64, room []byte) wire.Status {
	bytes, ok := e.lending.take(token)
	switch {
	case !ok:
		return wire.StatusStaleHandle
	case len(room) != len(bytes) && len(room) > 0:
		return wire.StatusBadArgument
	}
	copy(room, bytes)

	return wire.StatusOK
}

// objectOf finds the object of a handle, which is a T.
func objectOf[T any](e *Env, handle uint64) (object T, found *entry, status wire.Status) {
	if e.closed.Load() {
		return object, nil, wire.StatusClosed
	}
	found = e.handles.get(handle)
	if found == nil {
		return object, nil, wire.StatusStaleHandle
	}
	object, ok := found.object.(T)
	if !ok {
		return object, nil, wire.StatusWrongKind
	}

	return object, found, wire.StatusOK
}

// guarded runs f, whose panic ends what it belongs to.
func (e *Env) guarded(on *entry, f func() error) error {
	message, stack, err := recovering(f)
	if stack != "" {
		call := &Call{Env: e}
		if on != nil {
			call = e.call(e.scope.Context(), on)
		}
		e.panicked(call, message, stack)
	}

	return err
}

// Closed says whether Close was called.
func (e *Env) Closed() bool { return e.closed.Load() }

// Close silences the doorbell, ends the requests and closes every object that
// is an io.Closer, newest first. It returns when all is done, or after
// closeLimit, with the rest going on behind it. It may be called twice.
func (e *Env) Close() {
	if e.closed.Swap(true) {
		<-e.ended

		return
	}
	defer close(e.ended)
	e.bell.Lock()
	e.ring = func() {}
	e.bell.Unlock()
	e.queue.close()

	deadline := time.Now().Add(closeLimit)
	e.scope.end()
	e.scope.wait(requestGrace)
	closing := NewScope(func(message, stack string) { e.panicked(&Call{Env: e}, message, stack) })
	// What panics does not keep the rest open, this goroutine's own beginning included.
	closing.GoThen("closing an environment", func(context.Context) {}, func() {
		e.closeObjects(closing)
		<-e.scope.idle
		// A request that was under way may have made more.
		e.closeObjects(closing)
	})
	closing.end()
	closing.wait(time.Until(deadline))
	e.lending.close()
	e.held.close()
}

func (e *Env) closeObjects(scope *Scope) {
	for _, open := range e.handles.takeNewestFirst() {
		if closer, ok := open.object.(io.Closer); ok {
			_ = scope.Do(closer.Close)
		}
	}
}

func (e *Env) rings() {
	e.bell.RLock()
	defer e.bell.RUnlock()
	e.ring()
}

func (e *Env) panicked(c *Call, message, stack string) {
	if e.registry.OnPanic != nil {
		_, _, _ = recovering(func() error {
			e.registry.OnPanic(c, message, stack)

			return nil
		})
	}
}
