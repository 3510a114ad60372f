package peer

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Whenever it happens: before, while and after the connection comes up.
func TestClosingLeavesNothing(t *testing.T) {
	others := goleak.IgnoreCurrent()
	for i := range 40 {
		after := time.Duration(rand.IntN(40)) * time.Millisecond
		func() {
			a, b := newTestPeer(t), newTestServer(t)
			closed := make(chan error)
			go func() {
				time.Sleep(after)
				closed <- a.Close()
			}()
			// From here on each step may find the peer closed.
			channels := b.offer(t, false)
			_ = a.Connect(b.local(t, "server"))
			if s, err := a.AddSender(SenderOptions{Kind: media.Video, Track: newFakeTrack(media.Video)}); err == nil {
				_ = s.Send(parametersOf(media.Video, "0"))
			}
			r, err := a.AddReceiver(ReceiverOptions{
				Parameters: parametersOf(media.Audio, ""), Kind: media.Audio, Stream: Stream{SSRC: 7},
			})
			if err == nil {
				_, _ = r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, &collector{})
			}
			if local, err := a.tryLocal("client"); err == nil {
				_ = b.accept(local, channels)
			}
			if i%2 == 0 {
				if s, err := a.AddSender(SenderOptions{Kind: media.Audio}); err == nil {
					s.Stop()
				}
			}
			if err := <-closed; err != nil {
				t.Errorf("closing after %v: %v", after, err)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	goleak.VerifyNone(t, others)
}

// pion gives a stream that nobody has opened to whoever accepts it, and stops until then.
func TestClosingWhileStrangeStreamsComeLeavesNothing(t *testing.T) {
	others := goleak.IgnoreCurrent()
	for range 30 {
		a, b := newTestPeer(t), newTestServer(t)
		connect(t, a, b)
		untilConnected(t, a, b)
		stop := keepDoing(b.writeStray, b.writeStray)
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		stop()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	goleak.VerifyNone(t, others)
}

// A Worker starts no goroutine any more once its peers have told that they are closed.
func TestASecondCloseReturnsWithTheFirst(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	p, err := New(Options{Loopback: true, Go: func(name string, f func(context.Context), finally func()) {
		close(begun)
		<-goOn
		recovery.GoThen(context.Background(), name, func() { f(context.Background()) }, finally)
	}})
	if err != nil {
		t.Fatal(err)
	}
	first, second := make(chan error), make(chan error)
	go func() { first <- p.Close() }()
	<-begun
	go func() { second <- p.Close() }()
	select {
	case <-second:
		t.Fatal("closed, before pion is asked to")
	case <-time.After(100 * time.Millisecond):
	}
	close(goOn)
	for _, closed := range []chan error{first, second} {
		if err := <-closed; err != nil {
			t.Error(err)
		}
	}
}

// The server's close_notify has pion close by itself: what comes must not wait for feedback that waits for pion's lock.
func TestTheOtherSideMayCloseWhileFeedbackIsUnderWay(t *testing.T) {
	others := goleak.IgnoreCurrent()
	for range 10 {
		a, b := newTestPeer(t), newTestServer(t)
		connect(t, a, b)
		untilConnected(t, a, b)
		r := receiverOn(t, a, media.Video, 1000)
		id := r.options.extension(rtpwire.TransportWideCCURI)
		done := make(chan struct{})
		var writing sync.WaitGroup
		writing.Go(func() {
			for number := uint16(0); ; number += 1 + number%2 {
				select {
				case <-done:
					return
				default:
					header := &rtp.Header{Version: 2, SSRC: 1000, PayloadType: r.options.PayloadType, SequenceNumber: number}
					_ = header.SetExtension(id, []byte{byte(number >> 8), byte(number)})
					_, _ = b.gate.WriteRTP(header, make([]byte, 20))
				}
			}
		})
		eventually(t, "packets", func() bool { return r.packets() > 200 })
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		eventually(t, "the end", func() bool { return a.pc.ConnectionState() == webrtc.PeerConnectionStateClosed })
		close(done)
		writing.Wait()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	goleak.VerifyNone(t, others)
}
