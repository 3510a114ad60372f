// Package sink takes the frames of tracks: a tap hands them out decoded.
package sink

import (
	"context"
	"slices"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// mostVideo is how many coded pictures wait for the decoder. What is more
	// makes all of them drop out, up to the next keyframe.
	mostVideo = 60
	// mostAudio is a second of packets. What is more makes the oldest drop out.
	mostAudio = 50
)

// Handlers get what a Tap decodes, one at a time, on the Tap's goroutine. They
// may block: what they are too slow for is dropped and counted.
type Handlers struct {
	// Video is lent frame: who keeps it calls Retain.
	Video func(frame *media.VideoFrame)
	// Audio is lent frame for the call.
	Audio func(frame *media.AudioFrame)
	// Error gets what couldn't be decoded; decoding goes on.
	Error func(err error)
}

// Stats of a Tap.
type Stats struct {
	// Received counts coded frames; Decoded those that were, Failed those that
	// could not be, and Dropped those that the handlers were too slow for.
	Received, Decoded, Failed, Dropped uint64
}

// Tap decodes what a track delivers. It is safe for concurrent use.
type Tap struct {
	// inbox is of coded frames; its mu guards what follows gaps.
	inbox[*media.EncodedFrame]
	kind     media.Kind
	handlers Handlers
	video    codec.VideoDecoder
	audio    codec.AudioDecoder
	// gaps is of the goroutine that decodes, and heard the time of the sound that came last.
	gaps  codec.Gaps
	heard time.Duration

	feed  media.Feed
	lost  bool
	stats Stats
}

// NewTap attaches to track, which it reads in codec c. start runs the decoding
// goroutine. Close ends it.
func NewTap(track media.Track, c media.Codec, settings media.EncodingSettings, handlers Handlers,
	start func(name string, f func(ctx context.Context)),
) (*Tap, error) {
	t := &Tap{
		inbox: newInbox[*media.EncodedFrame](nil),
		kind:  track.Kind(), handlers: handlers, gaps: codec.Gaps{Uneven: mostUneven},
	}
	var err error
	if t.kind == media.Video {
		t.video, err = codec.NewVideoDecoder(c)
	} else {
		t.audio, err = codec.NewAudioDecoder(c)
	}
	if err != nil {
		return nil, err
	}
	feed, err := track.Attach(c, settings, t)
	if err != nil {
		t.free()
		return nil, err
	}
	t.mu.Lock()
	t.feed = feed
	t.mu.Unlock()
	start("tap of "+c.MimeType, func(ctx context.Context) { t.run(ctx, t.decode, t.free) })
	return t, nil
}

// Feed is what the Tap reads from.
func (t *Tap) Feed() media.Feed { return t.feed }

// Stats counts what has happened.
func (t *Tap) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}

// WriteFrame implements media.Sink.
func (t *Tap) WriteFrame(frame *media.EncodedFrame) {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return
	}
	t.stats.Received++
	request := t.queue(frame)
	feed := t.feed
	t.mu.Unlock()
	t.wake()
	if request && feed != nil {
		feed.RequestKeyframe()
	}
}

// queue reports whether a keyframe is needed to go on.
func (t *Tap) queue(frame *media.EncodedFrame) (needKeyframe bool) {
	if t.kind == media.Audio {
		if len(t.waiting) == mostAudio {
			t.first()
			t.stats.Dropped++
		}
		t.waiting = append(t.waiting, frame)
		return false
	}
	if len(t.waiting) == mostVideo {
		t.stats.Dropped += mostVideo
		t.waiting = t.waiting[:0]
		t.lost = true
		needKeyframe = true
	}
	if t.lost && !frame.Keyframe {
		t.stats.Dropped++
		return needKeyframe
	}
	t.lost = false
	t.waiting = append(t.waiting, frame)
	return false
}

func (t *Tap) decode(frame *media.EncodedFrame) {
	var err error
	if t.kind == media.Video {
		var pictures []*media.VideoFrame
		pictures, err = t.video.Decode(frame.Data, frame.PTS)
		for _, picture := range pictures {
			if t.handlers.Video != nil {
				t.handlers.Video(picture)
			}
			picture.Release()
		}
	} else {
		err = t.decodeSound(frame)
	}
	t.mu.Lock()
	if err == nil {
		t.stats.Decoded++
	} else {
		t.stats.Failed++
		// With a keyframe that waits decoding goes on.
		t.lost = t.kind == media.Video && !slices.ContainsFunc(t.waiting, func(f *media.EncodedFrame) bool { return f.Keyframe })
	}
	t.mu.Unlock()
	if err == nil {
		return
	}
	t.feed.RequestKeyframe()
	if t.handlers.Error != nil {
		t.handlers.Error(err)
	}
}

func (t *Tap) decodeSound(frame *media.EncodedFrame) error {
	// A longer one is silence that was not sent (DTX).
	if missing := t.gaps.Before(frame.PTS, frame.Lost); missing > 0 && missing <= mostSilence {
		if sound, err := t.audio.Conceal(missing, frame.Data, t.gaps.End()); err == nil && sound != nil {
			t.hand(sound)
		}
	}
	sound, err := t.audio.Decode(frame.Data, frame.PTS)
	if sound == nil {
		t.gaps.Damaged()
	} else {
		t.hand(sound)
	}
	return err
}

func (t *Tap) hand(sound *media.AudioFrame) {
	begin := sound.PTS
	// What is stamped as late as it came is no gap before what follows it in time. A clock that goes back began anew.
	if ahead := t.gaps.End() - begin; t.gaps.Begun() && begin >= t.heard && ahead > 0 && ahead <= mostSilence {
		begin += ahead
	}
	t.heard = sound.PTS
	t.gaps.Heard(begin + sound.Duration())
	if t.handlers.Audio != nil {
		t.handlers.Audio(sound)
	}
}

func (t *Tap) free() {
	if t.video != nil {
		_ = t.video.Close()
	}
	if t.audio != nil {
		_ = t.audio.Close()
	}
}

// Close ends delivery; no handler is called after it. It may be called twice,
// and not from a handler.
func (t *Tap) Close() {
	t.feed.Close()
	if t.end() {
		t.free()
	}
}
