package service

import (
	"context"
	"sync"
)

// openings are the sources that a worker opens, or is about to.
type openings struct {
	// all ends when the worker begins to close: nothing goes on opening then.
	all  context.Context //nolint:containedctx // ends with the worker
	stop context.CancelFunc

	mu    sync.Mutex
	known map[uint32]opening
}

// opening is one that can be cancelled by its number.
type opening struct {
	context context.Context //nolint:containedctx // ends with the request
	cancel  context.CancelFunc
}

func newOpenings() *openings {
	o := &openings{known: make(map[uint32]opening)}
	o.all, o.stop = context.WithCancel(context.Background())

	return o
}

// expect is called when a request arrives, so that it can be cancelled before its
// turn too. Number 0 is of those that are not.
func (o *openings) expect(number uint32) {
	if number == 0 {
		return
	}
	ctx, cancel := context.WithCancel(o.all)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known[number] = opening{ctx, cancel}
}

// begin is ctx, which ends when the opening is cancelled too. The caller ends it.
func (o *openings) begin(ctx context.Context, number uint32) (begun context.Context, end func()) {
	o.mu.Lock()
	one, ok := o.known[number]
	o.mu.Unlock()
	if !ok {
		one = opening{o.all, func() {}}
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(one.context, cancel)

	return ctx, func() {
		stop()
		cancel()
		one.cancel()
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.known, number)
	}
}

// cancel does nothing to one that has ended.
func (o *openings) cancel(number uint32) {
	o.mu.Lock()
	one, ok := o.known[number]
	o.mu.Unlock()
	if ok {
		one.cancel()
	}
}
