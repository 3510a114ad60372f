package peer

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"

// Begin lets the track play that is held, if it is: what is sent arrives from now on.
func (s *Sender) Begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = false
	s.hold()
}

// Held says that the track waits for Begin, unless it played already.
func (s *Sender) Held() bool {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.release != nil
}

// hold holds the track that is to be sent now, and no other, with mu held.
func (s *Sender) hold() {
	before := s.release
	s.release = nil
	if holder, ok := s.track.(media.Holder); ok && s.holding && s.bound && !s.stopped {
		s.release = holder.Hold()
	}
	if before != nil {
		before()
	}
}
