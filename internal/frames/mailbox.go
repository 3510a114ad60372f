package frames

import (
	"errors"
	"fmt"
	"sync"
)

// ErrHeld is that whoever reads holds too many frames.
var ErrHeld = errors.New("too many frames are held")

// Mailbox is where the frames of a track wait for one reader: the newest few. What has no room drops out, the oldest
// first, and is counted. Put and Take are safe for concurrent use, and never wait.
type Mailbox struct {
	room, mostHeld int
	news           func()

	mu       sync.Mutex
	waiting  []*Frame
	sequence float64
	dropped  float64
	// lost is all that dropped, ever.
	lost uint64
	held int
	// armed says that the next Put tells of itself.
	armed  bool
	closed bool
}

// NewMailbox has room for that many frames that wait, and lets that many be held that were taken and not released.
// news is called when there is something for who found nothing, once, on the goroutine of who puts.
func NewMailbox(room, mostHeld int, news func()) *Mailbox {
	return &Mailbox{room: max(room, 1), mostHeld: max(mostHeld, 1), news: news, armed: true}
}

// Put takes over the caller's reference.
func (m *Mailbox) Put(f *Frame) {
	var old *Frame
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		f.Release()
		return
	}
	m.sequence++
	f.Sequence = m.sequence
	if len(m.waiting) == m.room {
		old = m.waiting[0]
		copy(m.waiting, m.waiting[1:])
		m.waiting = m.waiting[:m.room-1]
		m.dropped++
		m.lost++
	}
	m.waiting = append(m.waiting, f)
	tell := m.armed
	m.armed = false
	m.mu.Unlock()
	if old != nil {
		old.Release()
	}
	if tell {
		m.news()
	}
}

// Drop counts frames that were left out before they got here.
func (m *Mailbox) Drop(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sequence += float64(n)
	m.dropped += float64(n)
	m.lost += uint64(n) //nolint:gosec // never negative
}

// Lost counts all frames that dropped.
func (m *Mailbox) Lost() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lost
}

// Take gives the oldest frame that waits, whose reference is the caller's, or nil, and then the next Put tells. It fails
// with ErrHeld while as many are held as may be.
func (m *Mailbox) Take() (*Frame, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held >= m.mostHeld {
		return nil, fmt.Errorf("%w: %d", ErrHeld, m.held)
	}
	if len(m.waiting) == 0 {
		m.armed = !m.closed
		return nil, nil
	}
	f := m.waiting[0]
	copy(m.waiting, m.waiting[1:])
	m.waiting[len(m.waiting)-1] = nil
	m.waiting = m.waiting[:len(m.waiting)-1]
	m.held++
	head := f.Head
	head.Dropped, m.dropped = m.dropped, 0
	taken := New(head, f.Planes, func() {
		f.Release()
		m.mu.Lock()
		m.held--
		m.mu.Unlock()
	})
	taken.From = f.From
	return taken, nil
}

// Counts tells how many frames were put, and how many of them dropped since the last Take.
func (m *Mailbox) Counts() (put, dropped uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(m.sequence), uint64(m.dropped)
}

// Close drops what waits. What was taken stays its holder's.
func (m *Mailbox) Close() {
	m.mu.Lock()
	waiting := m.waiting
	m.waiting, m.closed = nil, true
	m.mu.Unlock()
	for _, f := range waiting {
		f.Release()
	}
}
