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
	return context.WithValue(ctx, ownerKey{}, owner)
}

// OwnerOf is who is told of panics in what ctx belongs to; Print where nobody is.
func OwnerOf(ctx context.Context) Owner {
	if owner, ok := ctx.Value(ownerKey{}).(Owner); ok {
		return owner
	}

	return Print
}

// Print tells the user of a panic in what has no owner that could end with it.
func Print(message, stack string) {
	_, _ = fmt.Fprintf(os.Stderr, "mediasoup-client-pion: recovered from a panic: %s\n%s\n", message, stack)
}

// Go runs f on a goroutine.
func Go(ctx context.Context, f func()) { go Run(ctx, f) }

// Run runs f here.
func Run(ctx context.Context, f func()) {
	defer Recover(ctx, nil)
	f()
}

// Recover is deferred where a callback begins. A panic becomes its error, if err is not nil.
func Recover(ctx context.Context, err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	OwnerOf(ctx)(fmt.Sprint(cause), string(debug.Stack()))
	if err != nil {
		*err = fmt.Errorf("%w: %v", ErrPanic, cause)
	}
}

// AfterFunc is context.AfterFunc.
func AfterFunc(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, func() { Run(ctx, f) })
}

// Timer is time.AfterFunc for what belongs to ctx. It does not end with it.
func Timer(ctx context.Context, d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() { Run(ctx, f) })
}
