package sending

import "time"

// queuedPacket is a packet that waits.
type queuedPacket struct {
	packet
	stream *pacedStream
	as     purpose
	since  time.Time
}

// probe begins what the estimator wants to know, with mu held.
func (s *Control) probe(now time.Time) {
	if !s.controlled || s.closed.Load() || s.pacer.Probing() || s.padded() == nil {
		return
	}
	if probe, ok := s.estimator.Probe(now); ok {
		s.pacer.Begin(probe)
		s.wake()
	}
}

// padded is a stream to pad with.
func (s *Control) padded() *pacedStream {
	for _, stream := range s.streams {
		if len(stream.padding.payload) > 0 {
			return stream
		}
	}

	return nil
}

// wake starts sending what waits, with mu held. There is no goroutine where
// nothing does.
func (s *Control) wake() {
	if !s.running {
		s.running = true
		s.start("pacing", s.sendWaiting)
	}
}

func (s *Control) sendWaiting(done <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-done:
			return
		}
		wait, ok := s.sendDue()
		if !ok {
			return
		}
		timer.Reset(wait)
	}
}

// sendDue sends what may leave now, and tells when more may; false that nothing
// waits.
func (s *Control) sendDue() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.begin(s.pacer.Packets())
	defer s.end()
	for !s.closed.Load() {
		queued, ok, pads := s.pacer.Next(now)
		if !ok && !pads {
			break
		}
		if ok {
			queued.stream.counts.Delay += now.Sub(queued.since)
			queued.stream.send(&queued.packet, queued.as, now)

			continue
		}
		stream := s.padded()
		if stream == nil {
			s.pacer.Stop()

			break
		}
		stream.send(&stream.padding, padding, now)
		if !s.pacer.Probing() {
			s.probe(now)
		}
	}
	wait, ok := s.pacer.Wait(now)
	if !ok || s.closed.Load() {
		s.running = false

		return 0, false
	}

	return wait, true
}
