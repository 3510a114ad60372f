package sink

import (
	"context"
	"slices"

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
	inbox[rawItem]
	handlers Handlers
	feed     media.Feed
	// dropped is guarded by the inbox's mu.
	dropped uint64
}

func newRawTap(track media.RawTrack, handlers Handlers, start func(name string, f func(ctx context.Context))) (*rawTap, error) {
	t := &rawTap{inbox: newInbox(rawItem.release), handlers: handlers}
	feed, err := track.AttachRaw(t)
	if err != nil {
		return nil, err
	}
	t.feed = feed
	start("reader of raw "+track.Kind().String(), func(ctx context.Context) { t.run(ctx, t.handle, func() {}) })
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
		t.first().release()
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

func (t *rawTap) handle(item rawItem) {
	if item.video != nil {
		t.handlers.Video(item.video)
		item.release()
	} else {
		t.handlers.Audio(item.audio)
	}
}

// Close ends delivery; no handler is called after it. It may be called twice, and not from a handler.
func (t *rawTap) Close() {
	t.feed.Close()
	t.end()
}
