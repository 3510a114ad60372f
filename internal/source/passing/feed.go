package passing

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/encode"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

const (
	// replaySpeed is how much faster than the source a feed catches up at the most,
	// which decoders keep up with, and replayBitrate what it may take of the network
	// where the source takes less than a third of it.
	replaySpeed   = 8
	replayBitrate = 6_000_000
	// lateStamp is how old a frame may be and still carry the time that it had.
	lateStamp = 100 * time.Millisecond
)

// passFeed is one sink's place in a Stream. A feed is up to date, or goes on
// from the last keyframe faster than the source plays: because it has just
// begun, or because a keyframe was asked for.
//
// Frames of a replay carry the time at which they are sent. Receivers
// then see a steady stream that shows the last seconds quickly; with the times
// that the frames had, or with others squeezed together, their jitter buffers
// would take the burst for a network that got slower, and play later from then on.
type passFeed struct {
	stream   *Stream
	fanout   *media.Fanout
	requests media.KeyframeRequests
	// target is the network's estimate in bits a second, 0 for none.
	target atomic.Int64

	// What follows is the player's: the index in the group of the next frame,
	// whether the feed has what comes before it, whether it catches up, and from
	// when on it may then go on.
	next      int
	replaying bool
	begun     bool
	resume    time.Duration
	last      time.Duration
	bitrate   int
	// restamp gives frames the time at which they are sent, until none is late.
	restamp bool
	// end ends the track, where each packet has to hold a whole NAL unit
	// (packetization-mode 0); else nil.
	end func(reason error)
	// black and silence are for disabled tracks.
	black   *encode.BlankVideo
	silence *encode.BlankAudio

	mu    sync.Mutex
	stats media.FeedStats
	rate  media.RateMeter
}

func newFeed(stream *Stream, c media.Codec) *passFeed {
	f := &passFeed{stream: stream, last: av.NoTime, resume: av.NoTime}
	f.fanout = media.NewFanout(stream.kind, f)
	if stream.kind == media.Video {
		f.black = encode.NewBlankVideo(c, media.ScalabilityMode{}, f.fanout)
	} else {
		f.silence = encode.NewBlankAudio(c, false, f.fanout)
	}
	return f
}

// offerBlank gives a disabled track black or silence instead of frame.
func (f *passFeed) offerBlank(frame *media.EncodedFrame, width, height int) {
	var err error
	if f.black != nil {
		if f.fanout.BlankWanted() {
			// What is sent when the track is enabled again comes after it.
			f.last = max(f.last, frame.PTS)
		}
		err = f.black.Offer(frame.PTS, width, height)
	} else {
		err = f.silence.Offer(frame.PTS, frame.Duration)
	}
	if err != nil {
		f.stream.source.Fail(f.stream.kind, err)
	}
}

// hush sends a packet of silence.
func (f *passFeed) hush(at time.Duration) {
	frame, err := f.silence.Frame(at)
	if err != nil {
		f.stream.source.Fail(f.stream.kind, err)
		return
	}
	if f.fanout.Wanted() {
		f.write(frame, at)
	}
	f.offerBlank(frame, 0, 0)
}

// RequestKeyframe implements media.Upstream.
func (f *passFeed) RequestKeyframe() {
	f.requests.Add()
	f.stream.source.Nudge()
}

// SetTargetBitrate implements media.Upstream: it bounds how fast the feed catches up.
func (f *passFeed) SetTargetBitrate(bitsPerSecond int) { f.target.Store(int64(bitsPerSecond)) }

// FeedClosed implements media.Upstream.
func (f *passFeed) FeedClosed() { f.stream.drop(f) }

// Stats implements media.Upstream.
func (f *passFeed) Stats() media.FeedStats {
	f.stream.mu.Lock()
	stats := f.stream.counted
	f.stream.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	stats.FramesEncoded, stats.KeyframesEncoded = f.stats.FramesEncoded, f.stats.KeyframesEncoded
	stats.FramesPerSecond = f.rate.PerSecond(time.Now())
	return stats
}

// send writes what of the group is due, on the player's goroutine.
func (f *passFeed) send(position time.Duration, now time.Time) {
	group := f.stream.group
	if !f.fanout.Wanted() {
		f.next = len(group)
		f.replaying = false
		return
	}
	if len(group) == 0 {
		return
	}
	// A request that comes while the feed catches up waits: who asks may have come
	// after the keyframe was sent, but who waits for the end has to get there.
	if !f.replaying && f.requests.Due(now) {
		if f.next > 0 || !f.begun {
			f.replay(position)
		}
		f.requests.Made(now)
	}
	for f.begun && f.next < len(group) {
		frame := group[f.next]
		behind := f.next+1 < len(group)
		if behind && f.next > 0 && !f.replaying {
			// The player was late: what has piled up goes out as a replay does.
			f.pace()
		}
		if f.replaying && position < f.resume {
			return
		}
		at := frame.PTS
		if f.restamp && position-at > lateStamp {
			at = position
		}
		f.next++
		if f.next == 1 {
			f.requests.Made(now)
		}
		f.resume = position + f.interval(frame)
		if !behind {
			f.replaying = false
			f.restamp = f.restamp && at != frame.PTS
		} else if !f.replaying {
			f.pace()
		}
		f.write(frame, at)
	}
}

// flush writes the rest of the group at once: the player was late, and a new
// group begins. A replay has no need of it.
func (f *passFeed) flush() {
	if !f.begun || f.restamp || !f.fanout.Wanted() {
		return
	}
	for _, frame := range f.stream.group[f.next:] {
		f.next++
		f.write(frame, frame.PTS)
	}
	f.replaying = false
}

// replay goes back to the keyframe.
func (f *passFeed) replay(position time.Duration) {
	f.next, f.begun, f.resume, f.restamp = 0, true, position, true
	f.pace()
}

// pace works out how fast the feed may catch up. It has to be faster than the source.
func (f *passFeed) pace() {
	own := f.stream.bitrate()
	f.bitrate = max(3*own, replayBitrate)
	if target := int(f.target.Load()); target > 0 {
		f.bitrate = min(f.bitrate, max(target, 3*own/2))
	}
	f.replaying = true
}

// interval is how long nothing follows frame while the feed catches up.
func (f *passFeed) interval(frame *media.EncodedFrame) time.Duration {
	interval := frame.Duration / replaySpeed
	if f.bitrate > 0 {
		seconds := float64(len(frame.Data)) * 8 / float64(f.bitrate)
		interval = max(interval, time.Duration(seconds*float64(time.Second)))
	}
	return interval
}

// write hands frame out with the given time, which never goes back.
func (f *passFeed) write(frame *media.EncodedFrame, at time.Duration) {
	if f.last != av.NoTime && at <= f.last {
		at = f.last + time.Millisecond
	}
	f.last = at
	if at != frame.PTS {
		late := *frame
		late.PTS, late.Cuts = at, nil
		frame = &late
	}
	if !f.fanout.Wanted() {
		return
	}
	if f.end != nil {
		if longest := format.LongestUnit(frame.Data); longest > media.MaxPayload {
			// Nothing here encodes for it: the app hears why, and may produce another codec.
			f.end(&refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
				"the video of %s can't be sent any more: %s", f.stream.name, format.TooLong(longest))})
			return
		}
	}
	f.mu.Lock()
	f.rate.Add(time.Now())
	f.stats.FramesEncoded++
	if frame.Keyframe {
		f.stats.KeyframesEncoded++
	}
	f.mu.Unlock()
	f.fanout.Write(frame)
}
