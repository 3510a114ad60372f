package sink

import (
	"context"
	"slices"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostRaw is how many raw pictures wait to be converted. What is more makes the oldest drop out.
const mostRaw = 3

// rawItem is a picture or a piece of sound.
type rawItem struct {
	video *media.VideoFrame
	audio *media.AudioFrame
}

func (i rawItem) release() {
	if i.video != nil {
		i.video.Release()
	}
}

// rawTap hands out what a track has before it is encoded, on a goroutine of its own: what is done with it keeps the
// source's from nothing. It is safe for concurrent use.
type rawTap struct {
	handlers Handlers
	feed     media.Feed
	// news says that waiting, finish or closed changed.
	news chan struct{}

	mu      sync.Mutex
	waiting []rawItem
	finish  func()
	dropped uint64
	begun   bool
	closed  bool
	done    chan struct{}
}

func newRawTap(track media.RawTrack, handlers Handlers, start func(name string, f func(ctx context.Context))) (*rawTap, error) {
	t := &rawTap{handlers: handlers, news: make(chan struct{}, 1), done: make(chan struct{})}
	feed, err := track.AttachRaw(t)
	if err != nil {
		return nil, err
	}
	t.feed = feed
	start("reader of raw "+track.Kind().String(), t.run)
	return t, nil
}

// WriteVideo implements media.RawSink.
func (t *rawTap) WriteVideo(frame *media.VideoFrame) {
	frame.Retain()
	t.put(rawItem{video: frame}, mostRaw)
}

// WriteAudio implements media.RawSink.
func (t *rawTap) WriteAudio(frame *media.AudioFrame) {
	kept := *frame
	kept.Samples = slices.Clone(frame.Samples)
	t.put(rawItem{audio: &kept}, mostAudio)
}

func (t *rawTap) put(item rawItem, most int) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		item.release()
		return
	}
	if len(t.waiting) == most {
		t.waiting[0].release()
		t.waiting = append(t.waiting[:0], t.waiting[1:]...)
		t.dropped++
	}
	t.waiting = append(t.waiting, item)
	t.mu.Unlock()
	t.wake()
}

// Dropped is how many there was no time for.
func (t *rawTap) Dropped() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dropped
}

// stop takes nothing any more.
func (t *rawTap) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, item := range t.waiting {
		item.release()
	}
	t.waiting = nil
}

// Finish calls f, on the goroutine of the handlers, once all that has come is handed out, and ends that goroutine. Close is
// due all the same.
func (t *rawTap) Finish(f func()) {
	t.mu.Lock()
	t.finish = f
	t.mu.Unlock()
	t.wake()
}

func (t *rawTap) wake() {
	select {
	case t.news <- struct{}{}:
	default:
	}
}

func (t *rawTap) run(ctx context.Context) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return
	}
	t.begun = true
	t.mu.Unlock()
	defer close(t.done)
	for {
		item, finish, closed := t.take()
		switch {
		case closed:
			return
		case item.video != nil:
			t.handlers.Video(item.video)
			item.release()
		case item.audio != nil:
			t.handlers.Audio(item.audio)
		case finish != nil:
			finish()
			t.stop()

			return
		default:
			select {
			case <-t.news:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (t *rawTap) take() (item rawItem, finish func(), closed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return rawItem{}, nil, true
	}
	if len(t.waiting) == 0 {
		finish, t.finish = t.finish, nil
		return rawItem{}, finish, false
	}
	item = t.waiting[0]
	t.waiting = append(t.waiting[:0], t.waiting[1:]...)
	return item, nil, false
}

// Close ends delivery; no handler is called after it. It may be called twice, and not from a handler.
func (t *rawTap) Close() {
	t.feed.Close()
	t.mu.Lock()
	t.closed = true
	for _, item := range t.waiting {
		item.release()
	}
	t.waiting = nil
	begun := t.begun
	t.mu.Unlock()
	t.wake()
	if begun {
		<-t.done
	}
}
