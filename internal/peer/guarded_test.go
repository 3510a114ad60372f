package peer

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pion/transport/v5/packetio"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

func TestAPanicAboutFeedbackReachesItsOwner(t *testing.T) {
	o := peertest.NewOwner()
	streams := newDemux(o.Context, newStrangers(nil), func() bool { return false })
	streams.feedback = func([]byte, uint32, time.Time) bool { panic("deliberate") }
	if _, err := streams.end(packetio.RTCPBufferPacket, 7).Write([]byte{0x80, 201, 0, 0}); !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.Wants(t, "feedback", "guarded_test.go")
}

// busyStream is SCTP whose lock is held by somebody else until it is let go.
type busyStream struct {
	messageStream
	writing, free chan struct{}
	inside        uint64
}

func (s *busyStream) WriteDataChannel(message []byte, _ bool) (int, error) {
	s.writing <- struct{}{}
	<-s.free
	if string(message) == "panic" {
		panic("deliberate")
	}
	s.inside += uint64(len(message))

	return len(message), nil
}

func (s *busyStream) BufferedAmount() uint64             { return s.inside }
func (*busyStream) SetBufferedAmountLowThreshold(uint64) {}
func (*busyStream) Close() error                         { return nil }

func TestSendingWaitsForNothingWhileSCTPIsBusy(t *testing.T) {
	p := newTestPeer(t)
	q := newSendQueue(&DataChannel{peer: p, state: ChannelOpen})
	stream := &busyStream{writing: make(chan struct{}), free: make(chan struct{})}
	q.stream = stream
	if err := q.push(false, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	fed := make(chan error, 1)
	p.start("feeding", func(context.Context) {
		_, _, err := q.feed(stream)
		fed <- err
	})
	<-stream.writing
	// Neither a message more nor the amount waits.
	done := make(chan uint64, 1)
	p.start("sending", func(context.Context) {
		_ = q.push(true, make([]byte, 11))
		q.setThreshold(5)
		done <- q.amount()
	})
	select {
	case amount := <-done:
		if amount != 111 {
			t.Errorf("%d bytes are buffered", amount)
		}
	case <-time.After(testLimit):
		t.Error("sending waits for SCTP")
	}
	close(stream.free)
	<-stream.writing
	if err := <-fed; err != nil {
		t.Fatal(err)
	}
	if amount := q.amount(); amount != 111 {
		t.Errorf("%d bytes are buffered, all inside SCTP", amount)
	}
}

func TestAPanicWhileAChannelWritesHoldsNoLock(t *testing.T) {
	p := newTestPeer(t)
	q := newSendQueue(&DataChannel{peer: p, state: ChannelOpen})
	stream := &busyStream{writing: make(chan struct{}, 1), free: make(chan struct{})}
	close(stream.free)
	q.stream = stream
	if err := q.push(true, []byte("panic")); err != nil {
		t.Fatal(err)
	}
	o := peertest.NewOwner()
	recovery.Run(o.Context, "feeding", func() { _, _, _ = q.feed(stream) })
	o.Wants(t, "feeding", "WriteDataChannel")
	if !q.mu.TryLock() {
		t.Fatal("the lock of the queue is held: the JavaScript thread would wait for ever")
	}
	q.mu.Unlock()
	q.close()
}
