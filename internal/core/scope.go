package core

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Scope owns goroutines, and is the owner of what belongs to its context (package
// recovery). What panics is recovered and reported, and Close waits for all of it.
type Scope struct {
	onPanic func(message, stack string)
	context context.Context //nolint:containedctx // the scope is the life of its goroutines
	cancel  context.CancelFunc

	mu      sync.Mutex
	running int
	closed  bool
	idle    chan struct{}
}

// NewScope makes an open scope. onPanic (may be nil) is called on the goroutine
// that panicked, which Close waits for: it may not.
func NewScope(onPanic func(message, stack string)) *Scope {
	s := &Scope{onPanic: onPanic, idle: make(chan struct{})}
	s.context, s.cancel = context.WithCancel(recovery.WithOwner(context.Background(), s.report))

	return s
}

// Context ends when Close begins.
func (s *Scope) Context() context.Context { return s.context }

// Go runs f on a goroutine of the scope. A closed scope runs nothing. The name
// says in a panic's message what was being done.
func (s *Scope) Go(name string, f func(ctx context.Context)) { s.start(s.context, name, f, func() {}) }

// GoThen is Go. When f is over, however it ended, and also when it never runs, finally is called.
func (s *Scope) GoThen(name string, f func(ctx context.Context), finally func()) {
	if !s.start(s.context, name, f, finally) {
		finally()
	}
}

// Do runs f here, and turns a panic into an error that wraps ErrPanic, after
// reporting it. Close does not wait for it.
func (s *Scope) Do(f func() error) error {
	message, stack, err := recovering(f)
	if stack != "" {
		s.report(message, stack)
	}

	return err
}

// Close cancels the context and waits for the goroutines. It may be called
// twice, and not from a goroutine of the scope.
func (s *Scope) Close() {
	s.end()
	<-s.idle
}

// start is GoThen for what belongs to owner, and says whether f runs.
func (s *Scope) start(owner context.Context, name string, f func(ctx context.Context), finally func()) bool {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()

		return false
	}
	s.running++
	s.mu.Unlock()

	recovery.GoThen(owner, name, func() { f(owner) }, func() {
		defer s.done()
		finally()
	})

	return true
}

func (s *Scope) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	if s.closed && s.running == 0 {
		close(s.idle)
	}
}

func (s *Scope) end() {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	if s.running == 0 {
		close(s.idle)
	}
}

// wait says whether the scope, which end was called on, was idle within limit.
func (s *Scope) wait(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.idle:
		return true
	case <-timer.C:
		return false
	}
}

func (s *Scope) report(message, stack string) {
	if s.onPanic == nil {
		return
	}
	// The hook is the caller's code: its panic has nobody left to be told to.
	_, _, _ = recovering(func() error {
		s.onPanic(message, stack)

		return nil
	})
}

// recovering runs f. When it panics, stack is not empty and err wraps ErrPanic.
func recovering(f func() error) (message, stack string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			message, stack = fmt.Sprint(cause), string(debug.Stack())
			err = fmt.Errorf("%w: %s", ErrPanic, message)
		}
	}()

	return "", "", f()
}
