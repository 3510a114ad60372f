package encode

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// listening is a source that counts how often its feeds were shared out.
type listening struct {
	ctx    context.Context
	shared atomic.Int32
}

func (*listening) Framerate() float64             { return 0 }
func (*listening) VideoShown() (uint64, int, int) { return 0, 0, 0 }
func (*listening) AudioShown() uint64             { return 0 }
func (*listening) Fail(media.Kind, error)         {}
func (*listening) DropVideo(*Video)               {}
func (*listening) DropAudio(*Audio)               {}
func (l *listening) Share(n int, f func(i int)) {
	l.shared.Add(1)
	routine.Share(l.ctx, n, f)
}

// recording is a sink that takes the times of its frames.
type recording struct {
	mu    sync.Mutex
	times []time.Duration
}

func (r *recording) WriteFrame(frame *media.EncodedFrame) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times = append(r.times, frame.PTS)
}

func TestManyFeedsOfOneEncoderAreSharedOutInOrder(t *testing.T) {
	pcmu := media.Codec{MimeType: "audio/PCMU", ClockRate: 8000, Channels: 1}
	for _, n := range []int{1, 2, 200} {
		source := &listening{ctx: t.Context()}
		e := NewAudio(source, KeyOf(pcmu, media.EncodingSettings{}), pcmu)
		sinks := make([]recording, n)
		for i := range sinks {
			e.Feeds().Add(&media.Life{}, &sinks[i])
		}
		const pieces = 50
		for i := range pieces {
			at := time.Duration(i) * 20 * time.Millisecond
			e.Encode(&media.AudioFrame{PTS: at, SampleRate: 48000, Channels: 2, Samples: make([]int16, 2*960)})
		}
		first := sinks[0].times
		if len(first) < pieces-2 || !slices.IsSorted(first) {
			t.Fatalf("of %d feeds the first got %d packets of %d: %v", n, len(first), pieces, first)
		}
		for i := range sinks {
			if !slices.Equal(sinks[i].times, first) {
				t.Errorf("of %d feeds, %d got %v, and the first %v", n, i, sinks[i].times, first)
			}
		}
		if shared := source.shared.Load() > 0; shared != (n > 1) {
			t.Errorf("%d feeds were shared out: %v", n, shared)
		}
		e.Close()
	}
}
