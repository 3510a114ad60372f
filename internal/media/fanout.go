package media

import (
	"sync"
	"sync/atomic"
	"time"
)

// Upstream is what a Fanout's frames come from: an encoder, or a stream that
// is passed through. Its methods are called on any goroutine and don't block.
type Upstream interface {
	RequestKeyframe()
	// SetTargetBitrate gets the lowest of what the feeds ask for; 0 is no limit.
	SetTargetBitrate(bitsPerSecond int)
	Stats() FeedStats
	// FeedClosed is called once for each feed that was closed.
	FeedClosed()
}

// Fanout hands the frames of one encoded stream to its feeds. Feeds of disabled
// tracks get those of a stand-in instead, of black or silence, where there is one.
type Fanout struct {
	kind     Kind
	upstream Upstream
	// blankKeyframes are asked of the stand-in.
	blankKeyframes KeyframeRequests

	// share serves several feeds side by side; nil serves them in turn.
	share func(n int, f func(i int))

	// feeds is replaced, never changed: Write reads it without a lock.
	feeds atomic.Pointer[[]*fanoutFeed]
	mu    sync.Mutex
}

// NewFanout makes a fan-out of upstream without a feed.
func NewFanout(kind Kind, upstream Upstream) *Fanout {
	f := &Fanout{kind: kind, upstream: upstream}
	f.feeds.Store(new([]*fanoutFeed))
	return f
}

// ShareBy lets several feeds be served side by side: share calls f for each of 0 to n-1, and returns when all
// have returned. Called before the first Write.
func (f *Fanout) ShareBy(share func(n int, f func(i int))) { f.share = share }

// Add starts delivery to sink for the track whose life is given, of video from
// the next keyframe, which it asks for.
func (f *Fanout) Add(life *Life, sink Sink) Feed {
	feed := &fanoutFeed{fanout: f, life: life, sink: sink, gaps: life.gaps.Load()}
	f.mu.Lock()
	feeds := append([]*fanoutFeed(nil), *f.feeds.Load()...)
	feeds = append(feeds, feed)
	f.feeds.Store(&feeds)
	f.retarget(feeds)
	f.mu.Unlock()
	if f.kind == Video {
		f.upstream.RequestKeyframe()
	}
	return feed
}

// Len is the number of feeds.
func (f *Fanout) Len() int { return len(*f.feeds.Load()) }

// Wanted reports whether a frame would be delivered to anyone.
func (f *Fanout) Wanted() bool {
	for _, feed := range *f.feeds.Load() {
		if feed.life.Enabled() {
			return true
		}
	}
	return false
}

// BlankWanted reports whether a frame of the stand-in would be delivered to
// anyone. Who begins with it, or asked for one, makes a keyframe due.
func (f *Fanout) BlankWanted() bool {
	wanted := false
	for _, feed := range *f.feeds.Load() {
		if feed.life.Enabled() {
			continue
		}
		wanted = true
		if stream(feed.follows.Load()) != streamBlank {
			f.blankKeyframes.Add()
		}
	}
	return wanted
}

// Write delivers frame to every feed of an enabled track.
func (f *Fanout) Write(frame *EncodedFrame) {
	feeds := *f.feeds.Load()
	if f.share == nil || len(feeds) == 1 {
		for _, feed := range feeds {
			feed.write(frame, streamLive)
		}
		return
	}
	f.share(len(feeds), func(i int) { feeds[i].write(frame, streamLive) })
}

// WriteBlank delivers a frame of the stand-in to every feed of a disabled track.
func (f *Fanout) WriteBlank(frame *EncodedFrame) {
	for _, feed := range *f.feeds.Load() {
		feed.write(frame, streamBlank)
	}
}

// BlankKeyframes are the keyframes that the stand-in is asked for.
func (f *Fanout) BlankKeyframes() *KeyframeRequests { return &f.blankKeyframes }

func (f *Fanout) remove(feed *fanoutFeed) {
	f.mu.Lock()
	var rest []*fanoutFeed
	for _, other := range *f.feeds.Load() {
		if other != feed {
			rest = append(rest, other)
		}
	}
	f.feeds.Store(&rest)
	f.retarget(rest)
	f.mu.Unlock()
	f.upstream.FeedClosed()
}

// retarget passes the lowest target on. Called with mu held, so that the
// targets arrive upstream in their order.
func (f *Fanout) retarget(feeds []*fanoutFeed) {
	lowest := 0
	for _, feed := range feeds {
		if target := int(feed.target.Load()); target > 0 && (lowest == 0 || target < lowest) {
			lowest = target
		}
	}
	f.upstream.SetTargetBitrate(lowest)
}

// stream is which of the two streams a feed is within.
type stream int32

const (
	// streamNone waits for a keyframe.
	streamNone stream = iota
	streamLive
	streamBlank
)

type fanoutFeed struct {
	fanout *Fanout
	life   *Life
	sink   Sink
	target atomic.Int64
	// follows is written with mu held.
	follows atomic.Int32

	// mu is held while the sink is called, so that Close waits for it.
	mu     sync.Mutex
	closed bool
	gaps   uint64
	// last is the time of the last frame that was delivered, and lastOf its stream.
	last   time.Duration
	lastOf stream
}

// write delivers a frame of one of the streams, if it is the one that the track
// is to be seen by. A change begins with a keyframe.
func (d *fanoutFeed) write(frame *EncodedFrame, of stream) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if gaps := d.life.gaps.Load(); gaps != d.gaps {
		// What follows may refer to frames that were left out.
		d.gaps = gaps
		d.follows.Store(int32(streamNone))
	}
	if d.life.Enabled() != (of == streamLive) {
		return
	}
	if stream(d.follows.Load()) != of {
		if d.fanout.kind == Video && !frame.Keyframe {
			return
		}
		// Right after a change the other stream may have been there already.
		if d.lastOf != streamNone && d.lastOf != of && frame.PTS <= d.last {
			return
		}
		d.follows.Store(int32(of))
	}
	d.last, d.lastOf = frame.PTS, of
	d.sink.WriteFrame(frame)
}

func (d *fanoutFeed) RequestKeyframe() {
	if d.fanout.kind != Video {
		return
	}
	if !d.life.Enabled() {
		d.fanout.blankKeyframes.Add()
	}
	d.fanout.upstream.RequestKeyframe()
}

func (d *fanoutFeed) SetTargetBitrate(bitsPerSecond int) {
	d.target.Store(int64(max(bitsPerSecond, 1)))
	d.fanout.mu.Lock()
	defer d.fanout.mu.Unlock()
	d.fanout.retarget(*d.fanout.feeds.Load())
}

func (d *fanoutFeed) Stats() FeedStats { return d.fanout.upstream.Stats() }

func (d *fanoutFeed) Close() {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return
	}
	d.closed = true
	d.mu.Unlock()
	d.fanout.remove(d)
}
