package passing

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// listening is a source that only listens.
type listening struct{ failed atomic.Pointer[error] }

func (*listening) Nudge() {}

func (l *listening) Fail(_ media.Kind, err error) { l.failed.Store(&err) }

// recording is a sink that takes the times of its frames, and may be held up by one.
type recording struct {
	mu     sync.Mutex
	times  []time.Duration
	closed atomic.Bool
	late   atomic.Bool
	stop   func(frame *media.EncodedFrame)
}

func (r *recording) WriteFrame(frame *media.EncodedFrame) {
	if r.closed.Load() {
		r.late.Store(true)
	}
	r.mu.Lock()
	r.times = append(r.times, frame.PTS)
	r.mu.Unlock()
	if r.stop != nil {
		r.stop(frame)
	}
}

func (r *recording) got() []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]time.Duration(nil), r.times...)
}

var coded = map[media.Kind]media.Codec{
	media.Video: {MimeType: "video/VP8", ClockRate: 90000},
	media.Audio: {MimeType: "audio/opus", ClockRate: 48000, Channels: 2},
}

// attached gives a stream with so many feeds, and their sinks.
func attached(kind media.Kind, n int) (stream *Stream, sinks []*recording, feeds []media.Feed) {
	stream = NewStream(&listening{}, "a", kind)
	for range n {
		sink := &recording{}
		feeds = append(feeds, stream.Attach(&media.Life{}, func(error) {}, coded[kind], sink))
		sinks = append(sinks, sink)
	}
	return stream, sinks, feeds
}

// deliver lets frames of unequal durations go out, each on time.
func deliver(ctx context.Context, stream *Stream, n int, before func(i int)) (times []time.Duration) {
	begin, at := time.Now(), time.Duration(0)
	for i := range n {
		before(i)
		duration := time.Duration(1+i*7%40) * time.Millisecond
		frame := &media.EncodedFrame{Data: []byte{1, 2, 3}, PTS: at, Duration: duration, Keyframe: stream.kind == media.Audio || i%25 == 0}
		stream.push(ctx, frame, false)
		stream.send(ctx, at, begin.Add(at))
		times = append(times, at)
		at += duration
	}
	return times
}

// A group may be of minutes: what its frames were cut into would be kept as long.
func TestWhatFramesWereCutIntoIsKeptNoLongerThanTheyAreSent(t *testing.T) {
	stream, sinks, _ := attached(media.Video, 3)
	made := 0
	for _, sink := range sinks {
		sink.stop = func(frame *media.EncodedFrame) {
			frame.Cuts.Of("way", func() any { made++; return nil })
		}
	}
	begin := time.Now()
	for i := range 10 {
		at := time.Duration(i) * 20 * time.Millisecond
		frame := &media.EncodedFrame{Data: []byte{1}, PTS: at, Duration: 20 * time.Millisecond, Keyframe: i == 0, Cuts: &media.Cuts{}}
		stream.push(t.Context(), frame, false)
		stream.send(t.Context(), at, begin.Add(at))
		if made != i+1 {
			t.Fatalf("%d frames were cut %d times for three feeds", i+1, made)
		}
	}
	for _, frame := range stream.group {
		kept := true
		frame.Cuts.Of("way", func() any { kept = false; return nil })
		if kept {
			t.Fatalf("the frame at %v keeps what it was cut into", frame.PTS)
		}
	}
}

func TestManyFeedsOfOneSourceGetEveryFrameInOrder(t *testing.T) {
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		for _, n := range []int{1, 31, 32, 200} {
			stream, sinks, _ := attached(kind, n)
			want := deliver(t.Context(), stream, 150, func(int) {})
			for i, sink := range sinks {
				got := sink.got()
				if len(got) != len(want) {
					t.Fatalf("%v: feed %d of %d got %d frames of %d", kind, i, n, len(got), len(want))
				}
				for j := range got {
					if got[j] != want[j] {
						t.Fatalf("%v: feed %d of %d got %v, want %v", kind, i, n, got[j], want[j])
					}
				}
			}
		}
	}
}

func TestManyFeedsAreServedSideBySide(t *testing.T) {
	if runtime.NumCPU() < 2 {
		// One processor serves them in turn, which the test above sees.
		return
	}
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		stream, sinks, _ := attached(kind, 200)
		var served atomic.Int32
		all := make(chan struct{})
		// The first waits for all of the others, which it may not hold up.
		sinks[0].stop = func(frame *media.EncodedFrame) {
			if frame.PTS > 0 {
				return
			}
			select {
			case <-all:
			case <-time.After(20 * time.Second):
				t.Errorf("%v: %d of the others were served meanwhile", kind, served.Load())
			}
		}
		for _, sink := range sinks[1:] {
			sink.stop = func(frame *media.EncodedFrame) {
				if frame.PTS == 0 && served.Add(1) == 199 {
					close(all)
				}
			}
		}
		deliver(t.Context(), stream, 3, func(int) {})
		if got := len(sinks[0].got()); got != 3 {
			t.Errorf("%v: who was slow got %d frames of 3", kind, got)
		}
	}
}

func TestFeedsThatCloseGetNothingMoreAndHoldNobody(t *testing.T) {
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		stream, sinks, feeds := attached(kind, 200)
		var closing sync.WaitGroup
		want := deliver(t.Context(), stream, 150, func(i int) {
			if i < 100 {
				closing.Go(func() {
					feeds[i].Close()
					sinks[i].closed.Store(true)
				})
			}
		})
		closing.Wait()
		for i, sink := range sinks {
			if sink.late.Load() {
				t.Errorf("%v: feed %d got a frame after Close", kind, i)
			}
			if got := len(sink.got()); i >= 100 && got != len(want) {
				t.Errorf("%v: feed %d got %d frames of %d", kind, i, got, len(want))
			}
		}
		if left := len(*stream.feeds.Load()); left != 100 {
			t.Errorf("%v: %d feeds are left", kind, left)
		}
	}
}

// What is beyond the bound goes out to those who had what came before it, and is not kept.
func TestAGroupIsKeptUpToItsBounds(t *testing.T) {
	for name, c := range map[string]struct{ size, most int }{
		"in frames": {1, mostGroupFrames},
		"in bytes":  {mostGroupBytes / 16, 16},
	} {
		t.Run(name, func(t *testing.T) {
			stream, _, _ := attached(media.Video, 0)
			data := make([]byte, c.size)
			for i := range 2 * c.most {
				at := time.Duration(i) * time.Millisecond
				stream.push(t.Context(), &media.EncodedFrame{Data: data, PTS: at, Duration: time.Millisecond, Keyframe: i == 0}, false)
				if want := min(i+1, c.most); i < c.most && len(stream.group) != want {
					t.Fatalf("%d of %d are kept", len(stream.group), i+1)
				}
			}
			if len(stream.group) > c.most || stream.groupBytes > mostGroupBytes {
				t.Errorf("%d frames of %d bytes are kept", len(stream.group), stream.groupBytes)
			}
			stream.push(t.Context(), &media.EncodedFrame{Data: data, Keyframe: true}, false)
			if len(stream.group) != 1 || stream.groupBytes != c.size {
				t.Errorf("%d frames of %d bytes are kept after a keyframe", len(stream.group), stream.groupBytes)
			}
		})
	}
}
