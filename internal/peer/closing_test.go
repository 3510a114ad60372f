package peer

import (
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Whenever it happens: before, while and after the connection comes up.
func TestClosingLeavesNothing(t *testing.T) {
	others := goleak.IgnoreCurrent()
	for i := range 40 {
		after := time.Duration(rand.IntN(40)) * time.Millisecond
		func() {
			a, err := New(Options{Loopback: true})
			if err != nil {
				t.Fatal(err)
			}
			b := newTestServer(t)
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
