package coded

import (
	"math"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// encoder is what stats say of the app's.
	encoder = "app"
	// leastHighest in bits a second is what the app is taken to be able to use, as nobody knows it; growth is of what it
	// sends, where that is more.
	leastHighest = 1_500_000
	growth       = 1.5
	// changed is by how much an estimate is another, and tellEvery how often the app is told at the most.
	changed   = 0.05
	tellEvery = 300 * time.Millisecond
)

// upstream is Track as media.Upstream.
type upstream Track

func (u *upstream) RequestKeyframe() {
	if u.options.Kind == media.Video {
		u.requests.add(time.Now())
	}
}

func (u *upstream) SetTargetBitrate(bitsPerSecond int) { u.bitrate.set(bitsPerSecond, time.Now()) }

func (u *upstream) Stats() media.FeedStats {
	stats := u.counts.read(time.Now())
	stats.TargetBitrate = u.bitrate.current()

	return stats
}

func (u *upstream) FeedClosed() {}

// feed is one whose sender has a limit of its own.
type feed struct {
	media.Feed
	most int
}

func (f *feed) Stats() media.FeedStats {
	stats := f.Feed.Stats()
	if f.most > 0 {
		stats.HighestBitrate = f.most
	}

	return stats
}

// requests asks the app for keyframes, once for those that come close together, and again while none comes.
type requests struct {
	tell func()
	due  media.KeyframeRequests

	mu     sync.Mutex
	wanted bool
}

func (r *requests) add(now time.Time) {
	r.mu.Lock()
	r.wanted = true
	r.mu.Unlock()
	r.due.Add()
	r.ask(now)
}

// sent is told of each frame.
func (r *requests) sent(keyframe bool, now time.Time) {
	r.mu.Lock()
	if keyframe {
		r.wanted = false
	}
	wanted := r.wanted
	r.mu.Unlock()
	if wanted {
		r.due.Add()
	}
	if !keyframe {
		r.ask(now)
	}
}

func (r *requests) ask(now time.Time) {
	if r.due.Due(now) {
		r.due.Made(now)
		r.tell()
	}
}

// bitrate tells the app what the network carries.
type bitrate struct {
	tell func(bitsPerSecond int)

	mu     sync.Mutex
	latest int
	told   int
	at     time.Time
}

func (b *bitrate) set(bitsPerSecond int, now time.Time) {
	b.mu.Lock()
	b.latest = bitsPerSecond
	b.mu.Unlock()
	b.tellIfDue(now)
}

// tellIfDue is called with each frame: what changed too soon is told later.
func (b *bitrate) tellIfDue(now time.Time) {
	b.mu.Lock()
	latest := b.latest
	differs := math.Abs(float64(latest-b.told)) > changed*float64(b.told)
	tells := latest > 0 && differs && now.Sub(b.at) >= tellEvery
	if tells {
		b.told, b.at = latest, now
	}
	b.mu.Unlock()
	if tells {
		b.tell(latest)
	}
}

func (b *bitrate) current() int {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.latest
}

// counts is what was sent.
type counts struct {
	mu            sync.Mutex
	stats         media.FeedStats
	frames, bytes media.RateMeter
}

func (c *counts) add(frame *media.EncodedFrame, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.FramesEncoded++
	c.stats.SourceFrames++
	if frame.Keyframe {
		c.stats.KeyframesEncoded++
	}
	c.frames.Add(now)
	c.bytes.AddMany(len(frame.Data), now)
}

func (c *counts) read(now time.Time) media.FeedStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	stats := c.stats
	stats.Encoder = encoder
	stats.FramesPerSecond = c.frames.PerSecond(now)
	stats.HighestBitrate = int(max(leastHighest, c.bytes.PerSecond(now)*8*growth))

	return stats
}
