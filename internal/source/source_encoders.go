package source

import (
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/encode"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// attach makes the feed of a track, and the encoder that it needs.
func (s *source) attach(t *track, c media.Codec, settings media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	passes, err := s.check(t.kind, c, settings)
	if err != nil {
		return nil, err
	}
	key := encode.KeyOf(c, settings).InHardware(t.hardware.Load())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || t.life.Ended() {
		return nil, t.life.EndedError()
	}
	if passes {
		feed := s.passed[t.kind].Attach(&t.life, t.end, c, sink)
		s.Nudge()
		return feed, nil
	}
	var fanout *media.Fanout
	if t.kind == media.Video {
		fanout = s.videoFanout(key, c)
	} else {
		fanout = s.audioFanout(key, c)
	}
	feed := fanout.Add(&t.life, sink)
	s.Nudge()
	return feed, nil
}

// videoFanout is of the encoding with that key, which it starts if there is
// none. Called with mu held.
func (s *source) videoFanout(key encode.Key, c media.Codec) *media.Fanout {
	encodings := *s.video.Load()
	for _, e := range encodings {
		if e.Is(key) {
			return e.Feeds()
		}
	}
	e := encode.NewVideo(s, key, c)
	s.keep(e.Routine())
	e.Start(s.registry.start)
	encodings = append(slices.Clone(encodings), e)
	s.video.Store(&encodings)
	return e.Feeds()
}

// audioFanout is the same for sound, which is encoded on the player's goroutine.
func (s *source) audioFanout(key encode.Key, c media.Codec) *media.Fanout {
	encodings := *s.audio.Load()
	for _, e := range encodings {
		if e.Is(key) {
			return e.Feeds()
		}
	}
	e := encode.NewAudio(s, key, c)
	encodings = append(slices.Clone(encodings), e)
	s.audio.Store(&encodings)
	return e.Feeds()
}

// keep remembers a routine until it has ended. Called with mu held.
func (s *source) keep(r *routine.Routine) {
	s.encoders = slices.DeleteFunc(s.encoders, (*routine.Routine).IsDone)
	s.encoders = append(s.encoders, r)
}

// DropVideo ends an encoding that nobody reads any more.
func (s *source) DropVideo(e *encode.Video) {
	s.mu.Lock()
	if e.Feeds().Len() == 0 {
		encodings := slices.DeleteFunc(slices.Clone(*s.video.Load()), func(other *encode.Video) bool { return other == e })
		s.video.Store(&encodings)
		e.Stop()
	}
	s.mu.Unlock()
	s.Nudge()
}

// DropAudio is the same for sound.
func (s *source) DropAudio(e *encode.Audio) {
	s.mu.Lock()
	if e.Feeds().Len() == 0 {
		encodings := slices.DeleteFunc(slices.Clone(*s.audio.Load()), func(other *encode.Audio) bool { return other == e })
		s.audio.Store(&encodings)
		e.Close()
	}
	s.mu.Unlock()
	s.Nudge()
}
