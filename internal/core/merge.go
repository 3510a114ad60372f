package core

import (
	"bytes"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// merging is what waits of one event of a handle of which only the newest matters.
type merging struct {
	event wire.Event
	// waiting are in segments. newest, if there is one, follows as soon as one of them is polled.
	waiting int
	newest  *wire.Record
}

// merge is called with the lock held. left (may be nil) is what r takes the place of.
func (q *queue) merge(e *entry, event wire.Event, r wire.Record) (ring bool, left *wire.Record) {
	m := e.mergingOf(event)
	if m.waiting < maxQueuedEvents {
		m.waiting++

		return q.put(charge{entry: e, class: ofEvent, event: event}, r), nil
	}
	if left = m.newest; left != nil {
		q.merged++
	}
	r.Payload = bytes.Clone(r.Payload)
	m.newest = &r

	return false, left
}

func (e *entry) mergingOf(event wire.Event) *merging {
	for _, m := range e.merging {
		if m.event == event {
			return m
		}
	}
	m := &merging{event: event}
	e.merging = append(e.merging, m)

	return m
}

// polled is called with the lock held, by a poll: the bell is rung already.
func (q *queue) polled(e *entry, event wire.Event, records int) {
	m := e.mergingOf(event)
	m.waiting -= records
	if m.newest != nil && !q.closed {
		m.waiting++
		q.put(charge{entry: e, class: ofEvent, event: event}, *m.newest)
		m.newest = nil
	}
}

// putNewest is called with the lock held, of an entry that has nothing more to say.
func (q *queue) putNewest(e *entry) (ring bool) {
	for _, m := range e.merging {
		if m.newest != nil {
			ring = q.put(charge{}, *m.newest) || ring
			m.newest = nil
		}
	}

	return ring
}
