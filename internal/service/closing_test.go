package service

import (
	"context"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// endlessTrack does not stop until it is let go.
type endlessTrack struct {
	media.Track
	letGo chan struct{}
}

func (e endlessTrack) Stop() { <-e.letGo }

// A request that is never answered would keep the app's process.
func TestWhatIsStuckKeepsNoWorkerFromClosing(t *testing.T) {
	for name, stick := range map[string]func(w *worker, letGo chan struct{}) error{
		"a goroutine": func(w *worker, letGo chan struct{}) error {
			w.scope.Go("stuck", func(context.Context) { <-letGo })

			return nil
		},
		"a track": func(w *worker, letGo chan struct{}) error {
			_, err := w.adopt(endlessTrack{letGo: letGo})

			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			handle := c.worker()
			w := c.workerOf(handle)
			w.closeLimit = 50 * time.Millisecond
			letGo := make(chan struct{})
			defer close(letGo)
			if err := stick(w, letGo); err != nil {
				t.Fatal(err)
			}
			if refused := c.ask(handle, wire.WorkerClose, wire.Empty{}, nil); refused != nil {
				t.Fatal(refused)
			}
			c.event(handle, wire.Closed)
		})
	}
}

// TestMain sees what of the peer is left over.
func TestAPeerThatIsMadeWhileItsWorkerClosesEnds(t *testing.T) {
	c := open(t)
	for range 50 {
		w := c.workerOf(c.worker())
		made := make(chan struct{})
		go func() {
			defer close(made)
			for range 3 {
				_, _ = createPeer(&core.Call{Env: c.env}, w, wire.PeerOptions{Loopback: true, ICECandidatePoolSize: 1})
			}
		}()
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		<-made
	}
}
