package core

import (
	"sync"
)

// Memory is where lent bytes live: outside Go's heap when they are lent to
// another language.
type Memory interface {
	// Allocate returns n bytes, or nil when there are none.
	Allocate(n int) []byte
	// Free takes what Allocate returned.
	Free(b []byte)
}

type heap struct{}

func (heap) Allocate(n int) []byte { return make([]byte, n) }
func (heap) Free([]byte)           {}

// lending holds the bytes that are lent, or wait to be, by token.
type lending struct {
	memory Memory

	mu     sync.Mutex
	last   uint64
	loans  map[uint64]*loan
	closed bool
}

type loan struct {
	bytes    []byte
	acquired bool
}

func newLending(m Memory) *lending {
	return &lending{memory: m, loans: make(map[uint64]*loan)}
}

// offer copies data, which may then be acquired.
func (l *lending) offer(data []byte) (token uint64, err error) {
	bytes := l.memory.Allocate(len(data))
	if bytes == nil {
		return 0, ErrNoMemory
	}
	copy(bytes, data)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		l.memory.Free(bytes)

		return 0, ErrClosed
	}
	l.last++
	l.loans[l.last] = &loan{bytes: bytes}

	return l.last, nil
}

// acquire lends the bytes, once, until release.
func (l *lending) acquire(token uint64) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.loans[token]
	if held == nil || held.acquired {
		return nil, false
	}
	held.acquired = true

	return held.bytes, true
}

// release frees the bytes, whether they were acquired or not.
func (l *lending) release(token uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.loans[token]
	if held == nil {
		return false
	}
	delete(l.loans, token)
	l.memory.Free(held.bytes)

	return true
}

// close frees what was not acquired. The rest stays lent.
func (l *lending) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for token, held := range l.loans {
		if !held.acquired {
			delete(l.loans, token)
			l.memory.Free(held.bytes)
		}
	}
}

func (l *lending) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return len(l.loans)
}
