package peer

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// maxBuffered bounds what a channel may hold back, in bytes.
	maxBuffered = 64 << 20
	// maxMessages bounds how many, which may be empty.
	maxMessages = 1 << 19
	// leastWindow and mostWindow bound what is inside SCTP at a time; the rest
	// waits in the queue. A burst beyond what a socket buffers (about 90 packets
	// by default) is lost, and with it the order of everything behind it.
	leastWindow = 96 << 10
	mostWindow  = 1 << 20
	// lifetimeWindow is the least window of a channel whose messages have a lifetime.
	lifetimeWindow = 8 << 10
	// windowRate, in bytes a second, times the round trip is the window between.
	windowRate = 16 << 20
)

// window is how much SCTP should hold.
func window(roundTrip time.Duration) uint64 {
	return uint64(min(max(roundTrip.Seconds()*windowRate, leastWindow), mostWindow))
}

// messageStream is SCTP's end of a channel: pion's datachannel.DataChannel.
type messageStream interface {
	WriteDataChannel(message []byte, text bool) (int, error)
	BufferedAmount() uint64
	SetBufferedAmountLowThreshold(bytes uint64)
	MessagesSent() uint32
	BytesSent() uint64
	MessagesReceived() uint32
	BytesReceived() uint64
	Close() error
}

type outMessage struct {
	data []byte
	text bool
	// expires is the end of the message's lifetime, if it has one.
	expires time.Time
}

// sendQueue is what a channel holds until SCTP takes it, in order.
type sendQueue struct {
	channel *DataChannel
	// lifetime is W3C's maxPacketLifeTime; 0 is none.
	lifetime time.Duration
	carried  carried
	wake     chan struct{}

	mu        sync.Mutex
	stream    messageStream
	messages  []outMessage
	head      int
	queued    uint64 // bytes in messages
	given     uint64 // bytes that the stream was ever given, fillers included
	fillers   []uint64
	threshold uint64
	above     bool
	// fell says that the amount fell to a threshold that was replaced before that was told.
	fell    bool
	closing bool
	closed  bool
	// moving says that the first message is on its way into SCTP, which held
	// insideBefore bytes before.
	moving       bool
	insideBefore uint64
}

func newSendQueue(c *DataChannel) *sendQueue {
	return &sendQueue{channel: c, wake: make(chan struct{}, 1)}
}

func (q *sendQueue) kick() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *sendQueue) push(text bool, data []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.closing {
		return fmt.Errorf("%w: it is closing", ErrNotOpen)
	}
	amount := q.amountLocked() + uint64(len(data))
	if amount > maxBuffered {
		return fmt.Errorf("%w: %d bytes wait", ErrBufferFull, amount-uint64(len(data)))
	}
	if waiting := len(q.messages) - q.head; waiting >= maxMessages {
		return fmt.Errorf("%w: %d messages wait", ErrBufferFull, waiting)
	}
	message := outMessage{data: append([]byte{}, data...), text: text}
	if q.lifetime > 0 {
		message.expires = time.Now().Add(q.lifetime)
	}
	q.messages = append(q.messages, message)
	q.queued += uint64(len(data))
	q.above = q.above || amount > q.threshold
	q.kick()
	return nil
}

// amount is exact: what is queued and what SCTP has not had acknowledged.
func (q *sendQueue) amount() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.amountLocked()
}

func (q *sendQueue) amountLocked() uint64 {
	amount := q.queued
	if q.stream == nil {
		return amount
	}
	inside := q.stream.BufferedAmount()
	if q.moving {
		// Whether SCTP has the message that moves is not known: it is counted in queued.
		inside = min(inside, q.insideBefore)
	}
	// An empty message travels as one byte, which is not the user's.
	acknowledged := q.given - min(inside, q.given)
	for len(q.fillers) > 0 && q.fillers[0] <= acknowledged {
		q.fillers = q.fillers[1:]
	}
	return amount + inside - min(uint64(len(q.fillers)), inside)
}

func (q *sendQueue) setThreshold(bytes uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	amount := q.amountLocked()
	q.fell = q.fell || q.above && amount <= q.threshold
	q.threshold = bytes
	q.above = amount > bytes
	q.kick()
}

// finish closes the channel once everything is given to SCTP.
func (q *sendQueue) finish() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closing = true
	q.kick()
}

// close drops everything.
func (q *sendQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.messages, q.head, q.queued = nil, 0, 0
	q.kick()
}

// drain is the goroutine that feeds SCTP.
func (q *sendQueue) drain(ctx context.Context, stream messageStream) {
	q.mu.Lock()
	q.stream = stream
	q.mu.Unlock()
	for {
		finished, low, err := q.feed(stream)
		if low {
			q.channel.observer.BufferedAmountLow()
		}
		switch {
		case err != nil:
			if ctx.Err() == nil && q.channel.State() == ChannelOpen {
				q.channel.ended(fmt.Errorf("sending on a data channel: %w", err))
			}
			return
		case finished:
			_ = stream.Close()
			q.channel.ended(nil)
			return
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return
		}
		q.mu.Lock()
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return
		}
	}
}

// feed gives SCTP as much as it should hold. finished is a close that has
// nothing left to send; low is the event of the threshold.
func (q *sendQueue) feed(stream messageStream) (finished, low bool, err error) {
	limit := q.window(stream)
	for {
		message, ok := q.next(stream, limit)
		if !ok {
			finished, low = q.settle(stream, limit)

			return finished, low, nil
		}
		// SCTP may be busy with what arrives: nobody who sends waits for it here.
		inTime := message.expires.IsZero() || time.Now().Before(message.expires)
		if inTime {
			if _, err := stream.WriteDataChannel(message.data, message.text); err != nil {
				return false, false, fmt.Errorf("writing to SCTP: %w", err)
			}
		}
		q.moved(message, inTime)
	}
}

// next is the message that moves into SCTP, if it should hold more. Until moved, it
// counts as queued.
func (q *sendQueue) next(stream messageStream, limit uint64) (outMessage, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	inside := stream.BufferedAmount()
	if q.closed || q.head == len(q.messages) || inside >= limit {
		return outMessage{}, false
	}
	q.moving, q.insideBefore = true, inside

	return q.messages[q.head], true
}

// settle asks SCTP to tell when it holds less.
func (q *sendQueue) settle(stream messageStream, limit uint64) (finished, low bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false, false
	}
	// SCTP calls kick when it has no more than this left. It must be set
	// before the amount is looked at, or a change in between would be missed.
	stream.SetBufferedAmountLowThreshold(q.nextCheck(limit / 2))
	amount := q.amountLocked()
	low, q.fell = q.fell, false
	if q.above && amount <= q.threshold {
		q.above = false
		low = true
	}

	return q.closing && q.head == len(q.messages), low
}

// window is how much SCTP should hold now. It gives back nothing that has waited in it
// for too long: messages with a lifetime wait here, beyond what it carries in one.
func (q *sendQueue) window(stream messageStream) uint64 {
	limit := window(q.channel.peer.roundTrip())
	if q.lifetime == 0 {
		return limit
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	acknowledged := q.given - min(stream.BufferedAmount(), q.given)

	return min(limit, lifetimeWindow+q.carried.within(q.lifetime, acknowledged, time.Now()))
}

// nextCheck is at how many bytes inside SCTP to look again.
func (q *sendQueue) nextCheck(low uint64) uint64 {
	if q.head == len(q.messages) {
		return q.threshold
	}
	if q.above && q.threshold > q.queued {
		return max(low, q.threshold-q.queued)
	}
	return low
}

// moved forgets the first message, which SCTP has if it was written.
func (q *sendQueue) moved(m outMessage, written bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.moving = false
	if written {
		// An empty message travels as one byte (RFC 8831 section 6.6).
		q.given += max(uint64(len(m.data)), 1)
		if len(m.data) == 0 {
			q.fillers = append(q.fillers, q.given)
		}
	}
	if q.closed {
		return
	}
	q.queued -= uint64(len(m.data))
	q.messages[q.head] = outMessage{}
	q.head++
	switch {
	case q.head == len(q.messages):
		q.messages, q.head = q.messages[:0], 0
	case q.head >= 1024 && q.head*2 >= len(q.messages):
		q.messages = append(q.messages[:0], q.messages[q.head:]...)
		q.head = 0
	}
}
