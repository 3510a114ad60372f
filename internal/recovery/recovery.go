// Package recovery is where goroutines start, and what stands before the callbacks that others make: pion, FFmpeg,
// miniaudio and Go's own timers call on goroutines and threads of theirs, where a panic would end the process. Here
// it is told to whom the context belongs to: the Worker that ends with it. Nothing else starts a goroutine.
package recovery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// ErrPanic is what a callback failed with that panicked.
var ErrPanic = errors.New("recovered from a panic")

// Owner is told of a panic, on the goroutine that panicked.
type Owner func(message, stack string)

type ownerKey struct{}

// WithOwner makes ctx, and all that is derived from it, belong to owner.
func WithOwner(ctx context.Context, owner Owner) context.Context {
	return context.WithValue(ctx, ownerKey{}, &owner)
}

// Inherit makes ctx belong to whom from belongs to.
func Inherit(ctx, from context.Context) context.Context {
	return context.WithValue(ctx, ownerKey{}, from.Value(ownerKey{}))
}

// OwnerOf is who is told of panics in what ctx belongs to; Print where nobody is.
func OwnerOf(ctx context.Context) Owner {
	if owner, ok := ctx.Value(ownerKey{}).(*Owner); ok && owner != nil {
		return *owner
	}

	return Print
}

// Print tells the user of a panic in what has no owner that could end with it.
func Print(message, stack string) {
	_, _ = fmt.Fprintf(os.Stderr, "mediasoup-client-pion: recovered from a panic: %s\n%s\n", message, stack)
}

// Go runs f on a goroutine. The name says in a panic's message what was being done.
func Go(ctx context.Context, name string, f func()) { go Run(ctx, name, f) }

// GoThen is Go. When f is over, however it ended, finally is called, after its panic was told of: who waits for that
// may be whom the owner tells.
func GoThen(ctx context.Context, name string, f, finally func()) {
	go func() {
		defer Recover(ctx, name, nil)
		defer finally()
		Run(ctx, name, f)
	}()
}

// Run runs f here.
func Run(ctx context.Context, name string, f func()) {
	defer Recover(ctx, name, nil)
	Enter(ctx, name)
	f()
}

// Recover is deferred where a callback begins, which then calls Enter. A panic becomes its error, if err is not nil.
func Recover(ctx context.Context, name string, err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	OwnerOf(ctx)(fmt.Sprintf("%s: %v", name, cause), string(debug.Stack()))
	if err != nil {
		*err = fmt.Errorf("%w: %v", ErrPanic, cause)
	}
}

// AfterFunc is context.AfterFunc, but that stop waits for f where it has begun: what f uses may go then, and what it
// panicked with has been told. So f must not wait for who stops it.
func AfterFunc(ctx context.Context, name string, f func()) (stop func() bool) {
	over := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(over)
		Run(ctx, name, f)
	})

	return func() bool {
		if unhook() {
			close(over)

			return true
		}
		<-over

		return false
	}
}

// Timer is time.AfterFunc for what belongs to ctx. It does not end with it.
func Timer(ctx context.Context, name string, d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() { Run(ctx, name, f) })
}
