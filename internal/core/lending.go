package core

import "sync"

// lending holds the bytes that wait to be taken, by token.
type lending struct {
	mu     sync.Mutex
	last   uint64
	loans  map[uint64][]byte
	bytes  int
	closed bool
}

func newLending() *lending { return &lending{loans: make(map[uint64][]byte)} }

// offer copies data, which may then be taken.
func (l *lending) offer(data []byte) (token uint64, err error) {
	bytes := append([]byte(nil), data...)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, ErrClosed
	}
	l.last++
	l.loans[l.last] = bytes
	l.bytes += len(bytes)

	return l.last, nil
}

// take ends a loan.
func (l *lending) take(token uint64) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	bytes, ok := l.loans[token]
	delete(l.loans, token)
	l.bytes -= len(bytes)

	return bytes, ok
}

// drop forgets a loan that nobody will hear of.
func (l *lending) drop(token uint64) { l.take(token) }

// close forgets all of them.
func (l *lending) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	clear(l.loans)
	l.bytes = 0
}
