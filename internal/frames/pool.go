package frames

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

const (
	// mostIdle is what may wait to be used again, in bytes.
	mostIdle = 64 << 20
	// idleFor is how long memory that nobody takes waits, and up to twice that.
	idleFor = 10 * time.Second
)

// pools are of memory of one size each, for frames that are made.
type pools struct {
	mu     sync.Mutex
	bySize map[int]*pool
	bytes  int
	ageing bool
}

type pool struct {
	idle [][]byte
	// fewest is how many waited all the time since they were looked at: so many are not needed.
	fewest int
}

var made = newPools()

func newPools() *pools { return &pools{bySize: make(map[int]*pool)} }

func (p *pools) get(size int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.bySize[size]
	if one == nil || len(one.idle) == 0 {
		return make([]byte, size)
	}
	last := len(one.idle) - 1
	memory := one.idle[last]
	one.idle = slices.Delete(one.idle, last, last+1)
	one.fewest = min(one.fewest, last)
	p.bytes -= size

	return memory
}

func (p *pools) put(memory []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := len(memory)
	if p.bytes+size > mostIdle {
		// Sizes that come no more make room for those that do.
		clear(p.bySize)
		p.bytes = 0
	}
	if size > mostIdle {
		return
	}
	if p.bySize[size] == nil {
		p.bySize[size] = &pool{}
	}
	p.bySize[size].idle = append(p.bySize[size].idle, memory)
	p.bytes += size
	p.ageLater()
}

// ageLater has what waits looked at. The caller holds the lock.
func (p *pools) ageLater() {
	if p.ageing || len(p.bySize) == 0 {
		return
	}
	p.ageing = true
	recovery.Timer(context.Background(), "give back memory of frames", idleFor, p.age)
}

// age lets go of what nobody took since the last time.
func (p *pools) age() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for size, one := range p.bySize {
		p.bytes -= size * one.fewest
		one.idle = slices.Delete(one.idle, 0, one.fewest)
		one.fewest = len(one.idle)
		if len(one.idle) == 0 {
			delete(p.bySize, size)
		}
	}
	p.ageing = false
	p.ageLater()
}
