package core

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// A handle is generation<<indexBits | index. 24 + 29 bits are the 53 that a
// JavaScript number carries; index 0 is the environment itself.
const (
	indexBits     = 24
	indexMask     = 1<<indexBits - 1
	maxGeneration = 1<<29 - 1
)

// entry is what a handle stands for.
type entry struct {
	handle uint64
	object any
	// order grows with each new handle of the environment.
	order    uint64
	requests requestLine

	// Guarded by queue.mu: a released entry emits nothing more, queued
	// counts its bytes that JavaScript has not taken, and merging has its events that wait.
	released bool
	queued   int
	merging  []*merging
}

type slot struct {
	// Guarded by handleTable.mu.
	generation uint32
	entry      atomic.Pointer[entry]
}

// handleTable maps handles to entries. A slot is used again, a handle never.
// Looking one up takes no lock: the JavaScript thread does it in every call.
type handleTable struct {
	slots atomic.Pointer[[]*slot]
	open  atomic.Int64

	mu    sync.Mutex
	free  []uint32
	order uint64
}

func newHandleTable() *handleTable {
	t := &handleTable{}
	environment := &slot{}
	environment.entry.Store(&entry{})
	t.slots.Store(&[]*slot{environment})

	return t
}

// count is of what is open, but for the environment's own.
func (t *handleTable) count() int { return int(t.open.Load()) }

// add returns nil when there are 2^24 handles.
func (t *handleTable) add(object any) *entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	index, ok := t.freeSlot()
	if !ok {
		return nil
	}
	s := (*t.slots.Load())[index]
	s.generation++
	t.order++
	made := &entry{
		handle: uint64(s.generation)<<indexBits | uint64(index),
		object: object,
		order:  t.order,
	}
	s.entry.Store(made)
	t.open.Add(1)

	return made
}

// freeSlot is called with the lock held.
func (t *handleTable) freeSlot() (index uint32, ok bool) {
	if len(t.free) > 0 {
		index, t.free = t.free[0], t.free[1:]

		return index, true
	}
	slots := *t.slots.Load()
	if len(slots) > indexMask {
		return 0, false
	}
	// Readers see the old length, or the new one with the new slot in place.
	more := append(slots, &slot{})
	t.slots.Store(&more)

	return uint32(len(slots)), true //nolint:gosec // bounded above
}

// slot returns nil for a handle that never was.
func (t *handleTable) slot(handle uint64) *slot {
	slots := *t.slots.Load()
	index := handle & indexMask
	if index >= uint64(len(slots)) {
		return nil
	}

	return slots[index]
}

// get returns nil for a handle that is stale or never was.
func (t *handleTable) get(handle uint64) *entry {
	s := t.slot(handle)
	if s == nil {
		return nil
	}
	e := s.entry.Load()
	if e == nil || e.handle != handle {
		return nil
	}

	return e
}

// remove says whether the handle was there. The environment's own stays.
func (t *handleTable) remove(handle uint64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if handle == 0 || t.get(handle) == nil {
		return false
	}
	s := t.slot(handle)
	s.entry.Store(nil)
	t.open.Add(-1)
	// A slot out of generations is never used again.
	if s.generation < maxGeneration {
		t.free = append(t.free, uint32(handle&indexMask)) //nolint:gosec // masked
	}

	return true
}

// takeNewestFirst empties the table.
func (t *handleTable) takeNewestFirst() []*entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []*entry
	for _, s := range (*t.slots.Load())[1:] {
		if e := s.entry.Swap(nil); e != nil {
			all = append(all, e)
		}
	}
	t.open.Add(-int64(len(all)))
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Compare(b.order, a.order) })

	return all
}
