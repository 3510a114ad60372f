package source

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// rawFeed gives a reader what a source delivers, as it is.
type rawFeed struct {
	track *track
	sink  media.RawSink

	// mu is held while the sink is called, so that Close waits for it.
	mu     sync.Mutex
	closed bool
	// fed says that something was delivered.
	fed atomic.Bool
}

// AttachRaw implements media.RawTrack.
func (t *track) AttachRaw(sink media.RawSink) (media.Feed, error) {
	feed := &rawFeed{track: t, sink: sink}
	if err := t.source.attachRaw(feed); err != nil {
		return nil, err
	}
	return t.keep(feed)
}

// Enabled implements media.RawTrack.
func (t *track) Enabled() bool { return t.life.Enabled() }

// attachRaw fails where the source is not decoded.
func (s *source) attachRaw(feed *rawFeed) error {
	if from, ok := s.engine.(passer); ok {
		if _, err := from.Passes(feed.track.kind, media.Codec{}, media.EncodingSettings{}); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || feed.track.life.Ended() {
		return feed.track.life.EndedError()
	}
	feeds := append(slices.Clone(*s.raw.Load()), feed)
	s.raw.Store(&feeds)
	s.Nudge()
	return nil
}

// rawWanted says that somebody reads the kind as it is.
func (s *source) rawWanted(kind media.Kind) bool {
	return slices.ContainsFunc(*s.raw.Load(), func(f *rawFeed) bool { return f.track.kind == kind })
}

// rawAwaited says that somebody who reads the kind as it is has none of it yet.
func (s *source) rawAwaited(kind media.Kind) bool {
	return slices.ContainsFunc(*s.raw.Load(), func(f *rawFeed) bool { return f.track.kind == kind && !f.fed.Load() })
}

// writeRaw calls write for each reader of the kind.
func (s *source) writeRaw(kind media.Kind, write func(media.RawSink)) {
	for _, feed := range *s.raw.Load() {
		if feed.track.kind == kind {
			feed.write(write)
		}
	}
}

func (f *rawFeed) write(write func(media.RawSink)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.fed.Store(true)
		write(f.sink)
	}
}

// RequestKeyframe does nothing: each picture is whole.
func (f *rawFeed) RequestKeyframe() {}

// SetTargetBitrate does nothing: there is none.
func (f *rawFeed) SetTargetBitrate(int) {}

// Stats implements media.Feed.
func (f *rawFeed) Stats() media.FeedStats {
	s := f.track.source
	if f.track.kind == media.Audio {
		return media.FeedStats{SourceFrames: s.AudioShown()}
	}
	frames, width, height := s.VideoShown()
	return media.FeedStats{SourceFrames: frames, SourceWidth: width, SourceHeight: height}
}

// Close implements media.Feed.
func (f *rawFeed) Close() {
	f.mu.Lock()
	closed := f.closed
	f.closed = true
	f.mu.Unlock()
	if closed {
		return
	}
	s := f.track.source
	s.mu.Lock()
	feeds := slices.DeleteFunc(slices.Clone(*s.raw.Load()), func(other *rawFeed) bool { return other == f })
	s.raw.Store(&feeds)
	s.mu.Unlock()
	s.Nudge()
}
