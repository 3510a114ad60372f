package service

import "sync"

// parts are the handles that end with their owner.
type parts struct {
	mu      sync.Mutex
	handles map[uint64]struct{}
}

func (p *parts) add(handle uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handles == nil {
		p.handles = make(map[uint64]struct{})
	}
	p.handles[handle] = struct{}{}
}

func (p *parts) remove(handle uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.handles, handle)
}

func (p *parts) takeAll() []uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]uint64, 0, len(p.handles))
	for handle := range p.handles {
		all = append(all, handle)
	}
	p.handles = nil

	return all
}
