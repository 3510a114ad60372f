package sending

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// leaveOut tells whether a frame is not sent, as there is no way, or as one of video would wait for too
// long. Whole frames are, so that the server misses no packet; all that follows
// is, up to a keyframe, which is asked for once there is room.
func (s *Stream) leaveOut(frame *media.EncodedFrame) bool {
	down := s.paced.control.down.Load()
	if s.options.Kind != media.Video {
		return down
	}
	waiting := s.options.Waiting()
	switch {
	case down, waiting > congestion.MostWaiting:
		s.broken = true
	case s.broken && frame.Keyframe:
		s.broken = false
	case s.broken && waiting < congestion.MostWaiting/2:
		s.options.Keyframe()
	}
	if s.broken {
		s.counts.LeftOut++
	}

	return s.broken
}
