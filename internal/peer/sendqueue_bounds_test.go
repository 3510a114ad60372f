package peer

import (
	"errors"
	"testing"
)

func TestWhatAChannelHoldsBackIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		size, most int
	}{
		"in bytes":          {64 << 10, maxBuffered / (64 << 10)},
		"in empty messages": {0, maxMessages},
	} {
		t.Run(name, func(t *testing.T) {
			q := newSendQueue(&DataChannel{peer: &Peer{}, state: ChannelOpen})
			message := make([]byte, c.size)
			for i := range c.most {
				if err := q.push(false, message); err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
			}
			if err := q.push(false, message); !errors.Is(err, ErrBufferFull) {
				t.Errorf("one more: %v", err)
			}
			if got := q.amount(); got != uint64(c.size*c.most) {
				t.Errorf("%d bytes wait", got)
			}
			// When one has left, there is room for another.
			q.moved(outMessage{data: message}, false)
			if err := q.push(false, message); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnAmountThatFellToAThresholdIsToldAlsoIfThatIsSetAgain(t *testing.T) {
	q := newSendQueue(&DataChannel{peer: newTestPeer(t), state: ChannelOpen})
	stream := &busyStream{writing: make(chan struct{}, 1), free: make(chan struct{})}
	close(stream.free)
	q.stream = stream
	q.setThreshold(50)
	if err := q.push(false, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if _, low, err := q.feed(stream); low || err != nil {
		t.Fatalf("low: %v, error: %v", low, err)
	}
	// It is acknowledged, and nobody has looked yet.
	stream.inside = 0
	q.setThreshold(50)
	for _, want := range []bool{true, false} {
		if _, low, err := q.feed(stream); low != want || err != nil {
			t.Errorf("low: %v, error: %v", low, err)
		}
	}
}
