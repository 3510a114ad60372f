package av

import "sync"

// idleList keeps objects for reuse. It is safe for concurrent use; objects may
// come back after close.
type idleList[T any] struct {
	mu     sync.Mutex
	idle   []T
	closed bool
}

// take gives one that was kept, if there is any.
func (l *idleList[T]) take() (one T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.idle)
	if n == 0 {
		return one, false
	}
	one = l.idle[n-1]
	l.idle = l.idle[:n-1]
	return one, true
}

// keep takes one back unless there are most already: then the caller frees it.
func (l *idleList[T]) keep(one T, most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.idle) >= most {
		return false
	}
	l.idle = append(l.idle, one)
	return true
}

// close gives all that were kept, for the caller to free. No more are kept.
func (l *idleList[T]) close() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	idle := l.idle
	l.idle, l.closed = nil, true
	return idle
}
