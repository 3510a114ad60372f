package recorder

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// leap is what is missing before a segment's times count as not following those before.
const leap = time.Second

// segments cuts a recording for a playlist: at keyframes of the first video, near the length of a segment.
type segments struct {
	*Playlist
	muxer *av.Muxer
	// began and ends are the times of the segment that is written, if one is open.
	open        bool
	began, ends time.Duration
	opened      time.Time
	// keyframes of the video that leads came in the segment.
	keyframes int
	lead      *input
	asked     time.Duration
}

// before is told of each frame before it is written. lead is the video at whose keyframes it is cut, if there is one.
func (s *segments) before(i, lead *input, at, duration time.Duration, keyframe bool) error {
	leads := keyframe && (lead == nil || i == lead)
	age := at - s.began
	enough := s.length
	if lead != nil {
		// A keyframe that comes by itself comes only nearly in time.
		enough -= s.length / 10
	}
	if s.open && (leads && age >= enough || age >= s.most) {
		until := at
		if age > s.most+leap/4 {
			until = s.ends
		}
		if err := s.cut(until); err != nil {
			return err
		}
	}
	if !s.open {
		if err := s.begin(s.count > 0 && at-s.ends > leap); err != nil {
			return err
		}
		s.open, s.opened, s.began, s.ends, s.keyframes = true, time.Now(), at, at, 0
	}
	if lead != s.lead {
		s.lead, s.keyframes = lead, 0
	}
	if lead != nil && i == lead && keyframe {
		s.keyframes++
	}
	s.ends = max(s.ends, at+duration)

	return nil
}

// wants says that a keyframe is to be asked for: the segment is long enough. Where they come by themselves, the next one is
// waited for.
func (s *segments) wants(at time.Duration) bool {
	due := s.began + s.length
	if s.keyframes > 1 {
		due += patienceForKeyframe / 2
	}
	if !s.open || at < due || at-s.asked < askAgain {
		return false
	}
	s.asked = at

	return true
}

// cut ends the segment.
func (s *segments) cut(until time.Duration) error {
	if err := s.muxer.Flush(); err != nil {
		return err
	}

	return s.close(until)
}

// close names the segment in the playlist.
func (s *segments) close(until time.Duration) error {
	if !s.open {
		return nil
	}
	s.open = false
	s.ends = max(s.began, min(until, s.began+s.most))

	return s.end(s.ends - s.began)
}

// rest ends a segment that nothing follows soon: what is paused is to be seen to its end.
func (s *segments) rest() error {
	if !s.open || time.Since(s.opened) < s.most+leap {
		return nil
	}

	return s.cut(s.ends)
}

// lead is the first video that delivers: one that was silent for as long as a segment may be leads no longer.
func (w *writer) lead(at time.Duration) *input {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range w.inputs {
		if i.track.Kind() == media.Video && i.begun && !i.ended && at-i.last <= w.segments.most {
			return i
		}
	}

	return nil
}

// cut has the segments of a playlist end and begin before a frame.
func (w *writer) cut(i *input, at, duration time.Duration, keyframe bool) error {
	lead := w.lead(at)
	if err := w.segments.before(i, lead, at, duration, keyframe); err != nil {
		return err
	}
	if lead != nil && w.segments.wants(at) {
		for _, other := range w.inputs {
			if other.heeds() {
				other.feed.RequestKeyframe()
			}
		}
	}

	return nil
}

// heeds says that a keyframe may be asked for: a file that passes would begin its group of pictures again.
func (i *input) heeds() bool {
	if i.track.Kind() != media.Video {
		return false
	}
	_, received := i.track.(remote)

	return received || i.feed.Stats().Encoder != "passthrough"
}
