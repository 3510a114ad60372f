package peer

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Encoding is what W3C's RTCRtpEncodingParameters ask of one encoding.
type Encoding struct {
	// RID names one of several encodings (RFC 8851); one alone has none.
	RID string
	// Active is false to send nothing.
	Active bool
	// MaxBitrate is in bits a second, MaxFramerate in frames a second; 0 is no limit.
	MaxBitrate   int
	MaxFramerate float64
	// ScaleDownBy makes the sides of pictures smaller by this factor; 0 and 1 leave them.
	ScaleDownBy float64
	// Scalability is which layers there are.
	Scalability media.ScalabilityMode
}

// checkEncodings refuses several of sound, and what pion could not tell apart.
func checkEncodings(kind media.Kind, encodings []Encoding) error {
	if kind != media.Video && len(encodings) > 1 {
		return fmt.Errorf("%w: %d encodings of %s", ErrInvalidArgument, len(encodings), kind)
	}
	seen := make(map[string]bool, len(encodings))
	for _, e := range encodings {
		if several := len(encodings) > 1; several == (e.RID == "") || seen[e.RID] {
			return fmt.Errorf("%w: rid %q of one of %d encodings", ErrInvalidArgument, e.RID, len(encodings))
		}
		seen[e.RID] = true
	}

	return nil
}

// SetEncodings sends as they ask from now on, one for each layer; layers that
// change go on from a keyframe, of video.
func (s *Sender) SetEncodings(encodings []Encoding) error {
	defer s.peer.changed()
	if len(encodings) != len(s.layers) {
		return fmt.Errorf("%w: %d encodings for a sender of %d", ErrInvalidArgument, len(encodings), len(s.layers))
	}
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()

		return ErrClosed
	}
	var changed []*layer
	for i, l := range s.layers {
		wanted := encodings[i]
		wanted.RID = l.encoding.RID
		if l.encoding != wanted {
			l.encoding = wanted
			changed = append(changed, l)
		}
	}
	s.mu.Unlock()
	var errs []error
	for _, l := range changed {
		errs = append(errs, l.attach())
	}
	// What some do not take any more may bring back others.
	s.peer.shareOut(true)

	return errors.Join(errs...)
}
