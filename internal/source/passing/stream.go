package passing

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// mostGroupBytes and mostGroupFrames bound what is kept to begin from. Beyond
// them a feed that needs a keyframe waits for the next one.
const (
	mostGroupBytes  = 16 << 20
	mostGroupFrames = 8192
)

// Source is the source whose packets pass.
type Source interface {
	// Nudge makes the player look at what is wanted.
	Nudge()
	// Fail ends the tracks of a kind.
	Fail(kind media.Kind, err error)
}

// Stream is what goes out of a kind as it is in the container, for all
// feeds that take it so. It keeps the group of pictures that plays: there is no
// encoder that could make a keyframe.
type Stream struct {
	source Source
	// name is how messages call the source.
	name string
	kind media.Kind

	// feeds is replaced, never changed: the player reads it without a lock.
	feeds atomic.Pointer[[]*passFeed]
	mu    sync.Mutex
	// counted is what Stats tells of the source.
	counted media.FeedStats

	// The rest is the player's. group begins with a keyframe, or is empty.
	group      []*media.EncodedFrame
	groupBytes int
	// pushed are the newest frames, which were not offered to the feeds.
	pushed int
}

// NewStream makes the stream of a kind, without feeds.
func NewStream(s Source, name string, kind media.Kind) *Stream {
	stream := &Stream{source: s, name: name, kind: kind}
	stream.feeds.Store(new([]*passFeed))
	return stream
}

// Attach begins a feed with the group that plays, for the track of that life; end ends it.
func (s *Stream) Attach(life *media.Life, end func(reason error), c media.Codec, sink media.Sink) media.Feed {
	feed := newFeed(s, c)
	if format.SingleNAL(c) {
		feed.end = end
	}
	outer := feed.fanout.Add(life, sink)
	s.mu.Lock()
	feeds := append(slices.Clone(*s.feeds.Load()), feed)
	s.feeds.Store(&feeds)
	s.mu.Unlock()
	return outer
}

func (s *Stream) drop(feed *passFeed) {
	s.mu.Lock()
	feeds := slices.DeleteFunc(slices.Clone(*s.feeds.Load()), func(other *passFeed) bool { return other == feed })
	s.feeds.Store(&feeds)
	s.mu.Unlock()
	s.source.Nudge()
}

func (s *Stream) wanted() bool { return len(*s.feeds.Load()) > 0 }

// each does something with every feed, with many side by side: what f changes is the feed's alone.
func (s *Stream) each(ctx context.Context, f func(feed *passFeed)) {
	feeds := *s.feeds.Load()
	routine.Share(ctx, len(feeds), func(i int) { f(feeds[i]) })
}

// push takes a frame whose time has come; early ones are from before the
// position at which the stream began.
func (s *Stream) push(ctx context.Context, frame *media.EncodedFrame, early bool) {
	width, height := s.count()
	if frame.Data == nil {
		s.each(ctx, func(feed *passFeed) { feed.hush(frame.PTS) })
		return
	}
	if s.kind == media.Audio {
		s.each(ctx, func(feed *passFeed) {
			feed.offerBlank(frame, 0, 0)
			feed.write(frame, frame.PTS)
		})
		return
	}
	for _, feed := range *s.feeds.Load() {
		feed.restamp = feed.restamp || early
		feed.offerBlank(frame, width, height)
	}
	switch {
	case frame.Keyframe:
		s.each(ctx, (*passFeed).flush)
		s.clear()
	case len(s.group) == 0 || len(s.group) == mostGroupFrames || s.groupBytes+len(frame.Data) > mostGroupBytes:
		s.pushUnkept(ctx, frame)
		return
	}
	s.group = append(s.group, frame)
	s.pushed++
	s.groupBytes += len(frame.Data)
}

// pushUnkept gives a frame of a group without its beginning to the feeds that
// had what comes before it.
func (s *Stream) pushUnkept(ctx context.Context, frame *media.EncodedFrame) {
	s.each(ctx, func(feed *passFeed) {
		if feed.begun && feed.next == len(s.group) {
			feed.write(frame, frame.PTS)
		}
	})
	s.forget()
}

// clear begins a new group, from which every feed goes on.
func (s *Stream) clear() {
	s.forget()
	for _, feed := range *s.feeds.Load() {
		feed.begun = true
	}
}

// forget drops the group; feeds that were behind in it wait for the next.
func (s *Stream) forget() {
	for _, feed := range *s.feeds.Load() {
		if feed.next < len(s.group) {
			feed.begun = false
		}
		feed.next = 0
	}
	clear(s.group)
	s.group, s.groupBytes, s.pushed = s.group[:0], 0, 0
}

// restart is for frames from elsewhere: nothing goes on before a keyframe.
func (s *Stream) restart() {
	s.forget()
	for _, feed := range *s.feeds.Load() {
		feed.begun = false
	}
}

// send gives the feeds what they are behind with, as far as its time has come.
func (s *Stream) send(ctx context.Context, position time.Duration, now time.Time) {
	if s.kind == media.Audio {
		return
	}
	if s.pushed == 0 {
		// Hardly any has something to do.
		for _, feed := range *s.feeds.Load() {
			feed.send(position, now)
		}
		return
	}
	s.each(ctx, func(feed *passFeed) { feed.send(position, now) })
	// The group may stay for long; who is behind in it cuts for himself.
	for _, frame := range s.group[len(s.group)-s.pushed:] {
		frame.Cuts.Forget()
	}
	s.pushed = 0
}

// upcoming is the position at which a feed that is behind goes on.
func (s *Stream) upcoming() (time.Duration, bool) {
	next := av.NoTime
	for _, feed := range *s.feeds.Load() {
		if feed.begun && feed.next < len(s.group) && (next == av.NoTime || feed.resume < next) {
			next = feed.resume
		}
	}
	return next, next != av.NoTime
}

// bitrate is the group's, in bits a second.
func (s *Stream) bitrate() int {
	length := s.group[len(s.group)-1].PTS - s.group[0].PTS
	if length <= 0 {
		return 0
	}
	return int(float64(s.groupBytes) * 8 / length.Seconds())
}

// count counts a frame, and gives the size that it has.
func (s *Stream) count() (width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counted.SourceFrames++
	return s.counted.Width, s.counted.Height
}

// describe tells the statistics what the container says.
func (s *Stream) describe(stream *av.Stream, bitrate int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counted.Encoder, s.counted.TargetBitrate = "passthrough", bitrate
	if s.kind == media.Video {
		s.counted.Width, s.counted.Height = stream.Width, stream.Height
		s.counted.SourceWidth, s.counted.SourceHeight = stream.Width, stream.Height
	}
}
