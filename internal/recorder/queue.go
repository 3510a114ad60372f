package recorder

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostQueued is how many bytes wait for the writer. What is more is dropped.
const mostQueued = 32 << 20

// askAgain is how long a keyframe that was asked for is waited for: the request, or what came of it, may be lost.
const askAgain = time.Second

// overhead is counted for each frame, besides its bytes.
const overhead = 128

// item is a frame that waits to be written.
type item struct {
	input *input
	frame *media.EncodedFrame
	at    time.Duration
}

// input is a track that is recorded. Its fields but stream are guarded by the recorder's mu.
type input struct {
	recorder *Recorder
	track    media.Track
	codec    media.Codec
	feed     media.Feed
	timing   timing
	// waits for a keyframe, which was asked for at asked; behind, because the queue was full.
	waits, behind bool
	asked         time.Duration
	ended         bool
	// counted says that what is lost counts from now on: unfit pictures of the track were before. It does not in a pause.
	counted     bool
	unfit, lost uint64
	// at is the latest time.
	at time.Duration

	// stream is its number in the container, -1 before that is known; the writer's.
	stream int
	last   time.Duration
	begun  bool
}

// WriteFrame implements media.Sink.
func (i *input) WriteFrame(frame *media.EncodedFrame) {
	if request := i.recorder.take(i, frame); request != nil {
		request.RequestKeyframe()
	}
}

// take queues a frame, and gives the feed that a keyframe is to be asked of.
func (r *Recorder) take(i *input, frame *media.EncodedFrame) media.Feed {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopping {
		return nil
	}
	now := r.now().Sub(r.began)
	at := r.time(i, frame, now) - r.left
	video := i.track.Kind() == media.Video
	if r.paused {
		return nil
	}
	if video && i.waits && !frame.Keyframe {
		if i.behind {
			r.dropped++
		}
		// One that came while the queue is full would be dropped too.
		if r.bytes > mostQueued/2 || now-i.asked < askAgain {
			return nil
		}
		i.asked = now

		return i.feed
	}
	i.count(frame)
	size := len(frame.Data) + overhead
	if r.bytes+size > mostQueued {
		r.dropped++
		if video {
			i.waits, i.behind, i.asked = true, true, now-askAgain
		}

		return nil
	}
	i.waits, i.behind = false, false
	i.at = max(at, i.at, 0)
	r.bytes += size
	r.queue = append(r.queue, item{input: i, frame: frame, at: i.at})
	r.ring()

	return nil
}

// incomplete is a track some of whose pictures come not whole, or need one that did not.
type incomplete interface{ Incomplete() uint64 }

// count counts what is missing before a frame.
func (i *input) count(frame *media.EncodedFrame) {
	if i.counted {
		i.lost += uint64(max(frame.Lost, 0)) //nolint:gosec // never negative

		return
	}
	i.counted = true
	if track, ok := i.track.(incomplete); ok {
		i.unfit = track.Incomplete()
	}
}

// rest counts no more until the next frame that is recorded. The recorder's mu is held.
func (i *input) rest() { i.lost, i.counted = i.missing(), false }

// missing is how much of the track is not in the file since it began, but for pauses.
func (i *input) missing() uint64 {
	track, ok := i.track.(incomplete)
	if !ok || !i.counted {
		return i.lost
	}

	return i.lost + track.Incomplete() - i.unfit
}

// takeAll empties the queue.
func (r *Recorder) takeAll() (items []item, stopping bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	items, r.queue = r.queue, nil
	r.bytes = 0

	return items, r.stopping
}

func (r *Recorder) ring() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}
