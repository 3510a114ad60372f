package sending

// leaving is a packet of the burst at hand.
type leaving struct {
	stream          *pacedStream
	as              purpose
	payload, header int
}

// begin lets packets leave together, where there are several, with mu held.
func (s *Control) begin(packets int) {
	if packets > 1 {
		s.bursting = true
		s.way.BeginBurst()
	}
}

// end lets them leave, and counts them, with mu held.
func (s *Control) end() {
	if !s.bursting {
		return
	}
	s.bursting = false
	// The last ones are what a network that fails does not take.
	left := max(len(s.burst)-s.way.EndBurst(), 0)
	for _, l := range s.burst[:left] {
		l.stream.count(l.as, l.payload, l.header)
	}
	clear(s.burst)
	s.burst = s.burst[:0]
}
