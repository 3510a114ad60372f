package core

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"

// class is which limit a record counts for until it is polled.
type class uint8

const (
	ofNone class = iota
	ofMessage
	ofLine
	ofEvent
	ofAnswer
)

// charge is what a record counts for.
type charge struct {
	entry *entry
	bytes int
	event wire.Event
	class class
}

// run are polled records that count for the same, and their bytes together.
type run struct {
	charge
	records int
}

// charge is called by the consumer, of each record that is moved.
func (q *queue) charge(c charge) {
	if last := len(q.charges) - 1; last >= 0 {
		if r := &q.charges[last]; r.entry == c.entry && r.class == c.class && r.event == c.event {
			r.bytes += c.bytes
			r.records++

			return
		}
	}
	q.charges = append(q.charges, run{c, 1})
}

// discharge is called with the lock held, of what the consumer has moved.
func (q *queue) discharge() {
	messages := false
	for _, c := range q.charges {
		switch c.class {
		case ofMessage:
			c.entry.queued -= c.bytes
			q.bytes -= c.bytes
			messages = true
		case ofLine:
			q.lines -= c.bytes
		case ofAnswer:
			q.answers -= c.records
			q.answerBytes -= c.bytes
		case ofEvent:
			q.polled(c.entry, c.event, c.records)
		case ofNone:
		}
	}
	clear(q.charges)
	q.charges = q.charges[:0]
	if messages {
		q.wake()
	}
}
