package core

import (
	"iter"
	"sync/atomic"
)

// Usage is what an environment has, and what waits in it.
type Usage struct {
	// Requests were not answered yet: the caller's is one of them.
	Requests int
	// QueuedRecords wait for JavaScript, with QueuedBytes of theirs.
	QueuedRecords, QueuedBytes int
	// MergedEvents gave way to a newer one before JavaScript saw them.
	MergedEvents int
	// HeldFrames are held by JavaScript, in bytes as well.
	HeldFrames, HeldFrameBytes int
	// LentPlanes are memory that JavaScript looks into, whether it still holds the frame or not.
	LentPlanes, LentPlaneBytes int
}

// Usage is as of now. It costs a few locks, whatever there is.
func (e *Env) Usage() Usage {
	u := Usage{Requests: e.queue.unanswered()}
	u.QueuedRecords, u.QueuedBytes = e.queue.waits()
	u.QueuedBytes += e.lending.size()
	u.MergedEvents = e.queue.mergedEvents()
	u.HeldFrames, u.HeldFrameBytes = e.held.size()
	u.LentPlanes, u.LentPlaneBytes = int(e.lent.planes.Load()), int(e.lent.bytes.Load())

	return u
}

// Objects are those of all handles but the environment's own. It holds no lock: what comes and goes meanwhile may be there.
func (e *Env) Objects() iter.Seq[any] { return e.handles.objects() }

// Lent counts planes that are lent.
type Lent struct{ planes, bytes atomic.Int64 }

// Lent is the environment's, for who lends planes of its frames. It outlives the environment.
func (e *Env) Lent() *Lent { return e.lent }

// Lend counts a plane.
func (l *Lent) Lend(bytes int) {
	l.planes.Add(1)
	l.bytes.Add(int64(bytes))
}

// Return is the end of what Lend counted.
func (l *Lent) Return(bytes int) {
	l.planes.Add(-1)
	l.bytes.Add(-int64(bytes))
}

func (t *handleTable) objects() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, s := range (*t.slots.Load())[1:] {
			if e := s.entry.Load(); e != nil && !yield(e.object) {
				return
			}
		}
	}
}

func (l *lending) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.bytes
}

func (h *held) size() (frames, bytes int) {
	h.mu.Lock()
	defer h.mu.Unlock()

	return len(h.frames), int(h.bytes)
}
