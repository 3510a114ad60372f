//go:build hooks

package recovery

import (
	"context"
	"sync/atomic"
)

//nolint:gochecknoglobals // goroutines of the whole process
var entered atomic.Pointer[func(ctx context.Context, name string)]

// OnEnter has f called where each goroutine and callback begins, on it: f may panic.
func OnEnter(f func(ctx context.Context, name string)) { entered.Store(&f) }

// Enter tells of a goroutine or a callback that begins.
func Enter(ctx context.Context, name string) {
	if f := entered.Load(); f != nil {
		(*f)(ctx, name)
	}
}

// OwnerKey is the same of all contexts that belong to one owner, and nil of those that belong to nobody.
func OwnerKey(ctx context.Context) any { return ctx.Value(ownerKey{}) }
