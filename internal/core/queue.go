package core

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Limits of what waits for JavaScript, in bytes. Control messages are counted
// in neither: they are lossless. A message larger than a limit waits until it
// is alone.
const (
	maxQueuedBytes       = 16 << 20
	maxQueuedHandleBytes = 4 << 20
)

// queue is the one FIFO of an environment: what is appended first is polled
// first, control and bytes alike.
type queue struct {
	mu      sync.Mutex
	waiting []*segment
	spare   []*segment
	// bell is the word of wire.BellArmed. It may be the caller's memory, which a closed queue does not touch.
	bell   *uint32
	closed bool
	// bytes are of messages, which are bounded; records and size are all that waits, as it is in batches.
	bytes   int
	records int
	size    int
	// space is closed and renewed when polled bytes made room.
	space    chan struct{}
	sleepers int

	// consumer guards what only a poll touches.
	consumer sync.Mutex
	taken    []*segment
	charges  []charge
}

// charge is a run of polled bytes of one entry.
type charge struct {
	entry *entry
	bytes int
}

func newQueue() *queue { return &queue{bell: new(uint32), space: make(chan struct{})} }

// append adds a control record. It says whether the doorbell is to be rung.
// A closed queue and a released entry take nothing: dropped is then true.
func (q *queue) append(e *entry, r wire.Record) (ring, dropped bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || e.released {
		return false, true
	}

	return q.put(nil, 0, r), false
}

// reply adds the answer to a request, which a released entry still gives.
func (q *queue) reply(r wire.Record) (ring, dropped bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, true
	}

	return q.put(nil, 0, r), false
}

// appendLast adds the last record of e.
func (q *queue) appendLast(e *entry, r wire.Record) (ring bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || e.released {
		return false
	}
	e.released = true
	q.wake()

	return q.put(nil, 0, r)
}

// appendBytes adds a record that counts for size bytes, when there is room.
func (q *queue) appendBytes(ctx context.Context, e *entry, size int, r wire.Record) (ring bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.closed:
			return false, ErrClosed
		case e.released:
			return false, ErrStaleHandle
		}
		if fits(e.queued, size, maxQueuedHandleBytes) && fits(q.bytes, size, maxQueuedBytes) {
			e.queued += size
			q.bytes += size

			return q.put(e, size, r), nil
		}
		if err := q.sleep(ctx); err != nil {
			return false, err
		}
	}
}

func fits(queued, size, limit int) bool { return queued == 0 || queued+size <= limit }

// sleep gives up the lock until bytes were polled or the queue changed.
func (q *queue) sleep(ctx context.Context) error {
	space := q.space
	q.sleepers++
	q.mu.Unlock()
	var err error
	select {
	case <-space:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	q.mu.Lock()
	q.sleepers--

	return err
}

// wake is called with the lock held.
func (q *queue) wake() {
	if q.sleepers > 0 {
		close(q.space)
		q.space = make(chan struct{})
	}
}

// put is called with the lock held.
func (q *queue) put(e *entry, bytes int, r wire.Record) (ring bool) {
	last := len(q.waiting) - 1
	if last < 0 || !q.waiting[last].put(e, bytes, r) {
		s := q.newSegment()
		s.put(e, bytes, r)
		q.waiting = append(q.waiting, s)
	}
	q.records++
	q.size += wire.RecordSize(len(r.Payload))

	return atomic.SwapUint32(q.bell, wire.BellRung) == wire.BellArmed
}

func (q *queue) newSegment() *segment {
	if n := len(q.spare) - 1; n >= 0 {
		s := q.spare[n]
		q.spare = q.spare[:n]

		return s
	}

	return newSegment()
}

// poll moves whole records into buf. When it finds none it returns 0 and arms the bell.
func (q *queue) poll(buf []byte) (n int) {
	q.consumer.Lock()
	defer q.consumer.Unlock()
	for {
		if len(q.taken) == 0 && !q.take(n == 0) {
			return n
		}
		s := q.taken[0]
		before := s.first
		moved := s.move(buf[n:], q.charge)
		records := s.first - before
		n += moved
		if !s.empty() {
			// The rest waits for the next poll, which is why n is not 0.
			q.settle(nil, records, moved)

			return n
		}
		q.taken[0] = nil
		q.taken = q.taken[1:]
		q.settle(s, records, moved)
	}
}

// take makes everything that waits the consumer's own.
func (q *queue) take(arm bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return false
	case len(q.waiting) > 0:
	case arm:
		atomic.StoreUint32(q.bell, wire.BellArmed)

		return false
	default:
		atomic.StoreUint32(q.bell, wire.BellPolled)

		return false
	}
	q.taken, q.waiting = q.waiting, q.taken[:0]

	return true
}

func (q *queue) charge(e *entry, bytes int) {
	if last := len(q.charges) - 1; last >= 0 && q.charges[last].entry == e {
		q.charges[last].bytes += bytes

		return
	}
	q.charges = append(q.charges, charge{e, bytes})
}

// settle counts what was moved, and tells producers of the room that was made. s (may be nil) is done with.
func (q *queue) settle(s *segment, records, size int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.records -= records
	q.size -= size
	for _, c := range q.charges {
		c.entry.queued -= c.bytes
		q.bytes -= c.bytes
	}
	if len(q.charges) > 0 {
		clear(q.charges)
		q.charges = q.charges[:0]
		q.wake()
	}
	if s != nil && len(q.spare) < maxSpareSegments {
		s.reset()
		q.spare = append(q.spare, s)
	}
}

// waits tells what was not polled yet: how many records, and their bytes.
func (q *queue) waits() (records, size int) {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.records, q.size
}

// close drops what waits and fails those who wait for room.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.waiting, q.spare = nil, nil
	q.wake()
}
