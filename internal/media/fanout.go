package media

import (
	"sync"
	"sync/atomic"
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

// Fanout hands the frames of one encoded stream to its feeds.
type Fanout struct {
	kind     Kind
	upstream Upstream

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

// Add starts delivery to sink for the track whose life is given, of video from
// the next keyframe, which it asks for.
func (f *Fanout) Add(life *Life, sink Sink) Feed {
	feed := &fanoutFeed{fanout: f, life: life, sink: sink, waiting: f.kind == Video, gaps: life.gaps.Load()}
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

// Write delivers frame to every feed that takes it.
func (f *Fanout) Write(frame *EncodedFrame) {
	for _, feed := range *f.feeds.Load() {
		feed.write(frame)
	}
}

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

type fanoutFeed struct {
	fanout *Fanout
	life   *Life
	sink   Sink
	target atomic.Int64

	// mu is held while the sink is called, so that Close waits for it.
	mu     sync.Mutex
	closed bool
	// waiting feeds get nothing before a keyframe.
	waiting bool
	gaps    uint64
}

func (d *fanoutFeed) write(frame *EncodedFrame) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if gaps := d.life.gaps.Load(); gaps != d.gaps {
		// What follows may refer to frames that were left out.
		d.gaps = gaps
		d.waiting = d.fanout.kind == Video
	}
	if !d.life.Enabled() {
		return
	}
	if d.waiting {
		if !frame.Keyframe {
			return
		}
		d.waiting = false
	}
	d.sink.WriteFrame(frame)
}

func (d *fanoutFeed) RequestKeyframe() {
	if d.fanout.kind == Video {
		d.fanout.upstream.RequestKeyframe()
	}
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
