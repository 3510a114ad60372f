package core

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Limits of what waits for JavaScript. What is in none of them has a bounded cause: answers a request, or is told once
// of a handle.
const (
	// In bytes of messages. One that is larger waits until it is alone.
	maxQueuedBytes       = 16 << 20
	maxQueuedHandleBytes = 4 << 20
	// maxQueuedEvents of one kind of one handle wait, if wire.Event.Merges, and the newest after them.
	maxQueuedEvents = 16
	// maxQueuedLines is in bytes of lines of logs, half of which those at debug may take.
	maxQueuedLines = 1 << 20
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
	// bytes are of messages, and lines of logs; records and size are all that waits, as it is in batches.
	bytes   int
	lines   int
	records int
	size    int
	// A request counts until its answer is polled: as one of requests, then of answers. The bytes are those of its body,
	// then of its answer.
	requests, requestBytes int
	answers, answerBytes   int
	// merged counts events that gave way to a newer one.
	merged int
	// space is closed and renewed when polled bytes made room.
	space    chan struct{}
	sleepers int

	// consumer guards what only a poll touches.
	consumer sync.Mutex
	taken    []*segment
	charges  []run
}

func newQueue() *queue { return &queue{bell: new(uint32), space: make(chan struct{})} }

// append adds an event. It says whether the doorbell is to be rung. A closed queue and a released entry take nothing:
// left is r then. Of events that merge it may be an older one.
func (q *queue) append(e *entry, r wire.Record) (ring bool, left *wire.Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch event := wire.Event(r.Number); {
	case q.closed || e.released:
		return false, &r
	case !event.Merges():
		return q.put(charge{}, r), nil
	default:
		return q.merge(e, event, r)
	}
}

// appendLine adds a line of a log if it fits into room.
func (q *queue) appendLine(e *entry, room int, r wire.Record) (ring, taken bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size := wire.RecordSize(len(r.Payload))
	if q.closed || e.released || q.lines+size > room {
		return false, false
	}
	q.lines += size

	return q.put(charge{class: ofLine, bytes: size}, r), true
}

// admit counts a request with a body of so many bytes, if there is room for it beside those that JavaScript has made and has
// not read the answers of. What ends something is taken all the same.
func (q *queue) admit(body int, ends bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !ends && (q.requests+q.answers >= wire.MaxRequests ||
		q.requestBytes+q.answerBytes+body > wire.MaxRequestBytes) {
		return false
	}
	q.requests++
	q.requestBytes += body

	return true
}

// reply adds the answer, of so many bytes, to a request with such a body. A released entry still gives it.
func (q *queue) reply(r wire.Record, bytes, body int) (ring, dropped bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.requests--
	q.requestBytes -= body
	if q.closed {
		return false, true
	}
	q.answers++
	q.answerBytes += bytes

	return q.put(charge{class: ofAnswer, bytes: bytes}, r), false
}

// appendLast adds the last record of e, after what was merged.
func (q *queue) appendLast(e *entry, r wire.Record) (ring bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || e.released {
		return false
	}
	e.released = true
	q.wake()
	ring = q.putNewest(e)

	return q.put(charge{}, r) || ring
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

			return q.put(charge{entry: e, class: ofMessage, bytes: size}, r), nil
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
func (q *queue) put(c charge, r wire.Record) (ring bool) {
	last := len(q.waiting) - 1
	if last < 0 || !q.waiting[last].put(c, r) {
		s := q.newSegment()
		s.put(c, r)
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

// settle counts what was moved, and tells producers of the room that was made. s (may be nil) is done with.
func (q *queue) settle(s *segment, records, size int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.records -= records
	q.size -= size
	q.discharge()
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

// unanswered counts requests, the caller's among them.
func (q *queue) unanswered() int {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.requests
}

func (q *queue) mergedEvents() int {
	q.mu.Lock()
	defer q.mu.Unlock()

	return q.merged
}

// close drops what waits and fails those who wait for room.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.waiting, q.spare = nil, nil
	q.wake()
}
