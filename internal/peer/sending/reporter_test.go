package sending

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
)

func TestStreamsAreReportedAtOnceAndEverySecondWhileTheySend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stream *Stream
		var started, told atomic.Int32
		r := NewReporter(t.Context(),
			func(_ string, f func(context.Context)) {
				started.Add(1)
				go f(t.Context())
			},
			func() []*Stream { return []*Stream{stream} },
			func(packets ...rtcp.Packet) error {
				told.Add(int32(len(packets))) //nolint:gosec // a few

				return nil
			})
		stream = NewStream(StreamOptions{
			Kind: media.Audio, Clock: &FrameClock{}, Waiting: func() time.Duration { return 0 }, Begun: func() { r.Begun(stream) },
		})
		packetizer, err := packetize.New(media.Codec{MimeType: "audio/opus", ClockRate: 48_000})
		if err != nil {
			t.Fatal(err)
		}
		side := NewControl(func(string, func(<-chan struct{})) {}, func() {})
		side.Open(&sentPackets{})
		stream.Bind(&interceptor.StreamInfo{SSRC: 7, ClockRate: 48_000}, "0", packetizer, side)
		sends := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				stream.WriteFrame(&media.EncodedFrame{Data: []byte{1, 2}})
			}
			synctest.Wait()
		}
		sends(10 * time.Millisecond)
		if told.Load() != 1 {
			t.Fatalf("%d reports of the first frame", told.Load())
		}
		sends(10 * time.Second)
		if n := told.Load(); n < 10 || n > 12 {
			t.Errorf("%d reports in ten seconds", n)
		}
		// Who stops is reported for two seconds more, and then nothing runs.
		time.Sleep(5 * time.Second)
		synctest.Wait()
		before := started.Load()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := started.Load(); n != before {
			t.Errorf("%d goroutines while nothing was sent", n-before)
		}
		told.Store(0)
		sends(10 * time.Millisecond)
		sends(5 * time.Second)
		if n := told.Load(); n < 5 || n > 7 {
			t.Errorf("%d reports in five seconds after a silence", n)
		}
		r.Close()
	})
}
