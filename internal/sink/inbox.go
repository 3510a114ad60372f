package sink

import (
	"context"
	"sync"
)

// inbox has what came and what is asked for handled one after the other, on a goroutine of its own.
type inbox[T any] struct {
	// drop gives up what is not handled; nil is nothing to do.
	drop func(item T)
	// news says that waiting, finish or closed changed.
	news chan struct{}

	mu      sync.Mutex
	waiting []T
	// finish is called once nothing waits.
	finish func()
	begun  bool
	closed bool
	done   chan struct{}
}

func newInbox[T any](drop func(item T)) inbox[T] {
	return inbox[T]{drop: drop, news: make(chan struct{}, 1), done: make(chan struct{})}
}

// run calls handle for each item until the end, and then free.
func (b *inbox[T]) run(ctx context.Context, handle func(item T), free func()) {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.begun = true
	b.mu.Unlock()
	defer close(b.done)
	defer free()
	for {
		item, some, finish, closed := b.take()
		switch {
		case closed:
			return
		case some:
			handle(item)
		case finish != nil:
			finish()
			b.close()

			return
		default:
			select {
			case <-b.news:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (b *inbox[T]) take() (item T, some bool, finish func(), closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return item, false, nil, true
	case len(b.waiting) == 0:
		finish, b.finish = b.finish, nil
		return item, false, finish, false
	default:
		return b.first(), true, nil, false
	}
}

// first takes the oldest, with mu held.
func (b *inbox[T]) first() T {
	item := b.waiting[0]
	b.waiting = append(b.waiting[:0], b.waiting[1:]...)
	return item
}

// Finish calls f, on the goroutine of the handlers, once all that has come is handled, and ends that goroutine. f is not
// called after Close, which is due all the same.
func (b *inbox[T]) Finish(f func()) {
	b.mu.Lock()
	b.finish = f
	b.mu.Unlock()
	b.wake()
}

func (b *inbox[T]) wake() {
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// close takes nothing any more. It reports whether this is the first call, and whether run has begun.
func (b *inbox[T]) close() (first, begun bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first = !b.closed
	b.closed = true
	if b.drop != nil {
		for _, item := range b.waiting {
			b.drop(item)
		}
	}
	b.waiting = nil
	return first, b.begun
}

// end closes, and waits for run. It reports that run will never free anything: this is the first call, and it had not begun.
func (b *inbox[T]) end() (unused bool) {
	first, begun := b.close()
	b.wake()
	if begun {
		<-b.done
	}
	return first && !begun
}
