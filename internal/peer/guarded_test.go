package peer

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/packetio"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// owner is told of panics, as a worker is.
type owner struct {
	context context.Context //nolint:containedctx // the owner's
	panics  []string
	stacks  []string
}

func newOwner() *owner {
	o := &owner{}
	o.context = recovery.WithOwner(context.Background(), func(message, stack string) {
		o.panics, o.stacks = append(o.panics, message), append(o.stacks, stack)
	})

	return o
}

func (o *owner) guard(f func()) { recovery.Run(o.context, f) }

// wants checks that one panic more was told of, with where it was.
func (o *owner) wants(t *testing.T, what, where string) {
	t.Helper()
	if len(o.panics) != 1 || !strings.Contains(o.stacks[0], where) {
		t.Errorf("%s: told of %q, with %q", what, o.panics, o.stacks)
	}
	o.panics, o.stacks = nil, nil
}

func TestAPanicAboutFeedbackReachesItsOwner(t *testing.T) {
	o := newOwner()
	streams := newDemux(o.guard)
	streams.feedback = func([]byte, uint32, time.Time) bool { panic("deliberate") }
	if _, err := streams.end(packetio.RTCPBufferPacket, 7).Write([]byte{0x80, 201, 0, 0}); !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "feedback", "guarded_test.go")
}

func TestAPanicUnderWhatPionCallsReachesItsOwner(t *testing.T) {
	o := newOwner()
	g := &guards{guard: o.guard}
	fails := func() { panic("deliberate") }
	_, err := g.BindRTCPWriter(interceptor.RTCPWriterFunc(
		func([]rtcp.Packet, interceptor.Attributes) (int, error) { fails(); return 0, nil })).Write(nil, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "writing RTCP", "guarded_test.go")
	_, err = g.BindLocalStream(nil, interceptor.RTPWriterFunc(
		func(*rtp.Header, []byte, interceptor.Attributes) (int, error) { fails(); return 0, nil })).Write(nil, nil, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "writing RTP", "guarded_test.go")
	reads := func([]byte, interceptor.Attributes) (int, interceptor.Attributes, error) { fails(); return 0, nil, nil }
	_, _, err = g.BindRemoteStream(nil, interceptor.RTPReaderFunc(reads)).Read(nil, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "reading RTP", "guarded_test.go")
	_, _, err = g.BindRTCPReader(interceptor.RTCPReaderFunc(reads)).Read(nil, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "reading RTCP", "guarded_test.go")

	network := guardedNetwork{failingNet{}, o.guard}
	for name, call := range map[string]func() error{
		"Interfaces": func() error { _, err := network.Interfaces(); return err },
		"ListenUDP":  func() error { _, err := network.ListenUDP("udp4", nil); return err },
		"DialTCP":    func() error { _, err := network.DialTCP("tcp4", nil, nil); return err },
	} {
		if err := call(); !errors.Is(err, recovery.ErrPanic) {
			t.Errorf("%s: got %v", name, err)
		}
		o.wants(t, name, "guarded_test.go")
	}

	_, err = guardedDialer{failingNet{}, o.guard}.Dial("tcp4", "")
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "Dial", "guarded_test.go")
	_, err = guardedTCP{failingMux{}, o.guard}.GetConnByUfrag("", false, nil)
	if !errors.Is(err, recovery.ErrPanic) {
		t.Errorf("got %v", err)
	}
	o.wants(t, "GetConnByUfrag", "guarded_test.go")

	logs := guardedLog{failingLogs{}, o.guard}.NewLogger("ice")
	logs.Warnf("%v", 1)
	o.wants(t, "Warnf", "guarded_test.go")
	logs.Errorf("%v", 1)
	o.wants(t, "Errorf", "guarded_test.go")
	logs.Tracef("%v", 1)
	o.wants(t, "Tracef", "guarded_test.go")
}

type failingNet struct{ transport.Net }

func (failingNet) Interfaces() ([]*transport.Interface, error) { panic("deliberate") }

func (failingNet) ListenUDP(string, *net.UDPAddr) (transport.UDPConn, error) { panic("deliberate") }

func (failingNet) DialTCP(string, *net.TCPAddr, *net.TCPAddr) (transport.TCPConn, error) {
	panic("deliberate")
}

func (failingNet) Dial(string, string) (net.Conn, error) { panic("deliberate") }

type failingMux struct{ ice.TCPMux }

func (failingMux) GetConnByUfrag(string, bool, net.IP) (net.PacketConn, error) { panic("deliberate") }

type failingLogs struct{ logging.LeveledLogger }

func (f failingLogs) NewLogger(string) logging.LeveledLogger { return f }

func (failingLogs) Warnf(string, ...any)  { panic("deliberate") }
func (failingLogs) Errorf(string, ...any) { panic("deliberate") }
func (failingLogs) Tracef(string, ...any) { panic("deliberate") }

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
	o := newOwner()
	o.guard(func() { _, _, _ = q.feed(stream) })
	o.wants(t, "feeding", "WriteDataChannel")
	if !q.mu.TryLock() {
		t.Fatal("the lock of the queue is held: the JavaScript thread would wait for ever")
	}
	q.mu.Unlock()
	q.close()
}
