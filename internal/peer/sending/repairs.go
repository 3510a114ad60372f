package sending

import "time"

const (
	// repairPart of the estimate may be spent on repairs: where more is lost, they
	// would be lost as well, and what they take the place of.
	repairPart = 0.5
	// repairBurst is how much of that may be saved up.
	repairBurst = time.Second
)

// repairBudget is what may be spent on sending again, in bytes.
type repairBudget struct {
	left float64
	at   time.Time
}

func (b *repairBudget) spend(size int, bitrate int, now time.Time) bool {
	rate := repairPart * float64(bitrate) / 8
	most := rate * repairBurst.Seconds()
	if b.at.IsZero() {
		b.left = most
	} else {
		b.left = min(b.left+rate*now.Sub(b.at).Seconds(), most)
	}
	b.at = now
	if b.left < float64(size) {
		return false
	}
	b.left -= float64(size)

	return true
}

// repairSlack is how much longer than a round trip a packet is on its way, pion's.
const repairSlack = 5 * time.Millisecond

// Repair sends packets of a stream again that the server misses (RFC 4585 section 6.2.1), but for those that may
// still be on their way from the last time, and for what the network has no room for. A round trip takes so long, as
// far as others than the server's feedback tell.
func (s *Control) Repair(ssrc uint32, sequences []uint16, roundTrip time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.roundTrip = roundTrip
	stream := s.streams[ssrc]
	if stream == nil {
		return
	}
	s.begin(len(sequences))
	defer s.end()
	length, again := s.keptFor(), s.lastRoundTrip()+repairSlack
	if stream.sound {
		// What fills the queues on the way is not sound.
		again = min(again, roundTrip+repairSlack)
	}
	for _, sequence := range sequences {
		kept := stream.history.find(sequence, now, length)
		switch {
		case kept == nil:
		case kept.waiting || !kept.resent.IsZero() && now.Sub(kept.resent) < again || !s.mayRepair(stream, len(kept.payload), now):
			stream.counts.refused++
		default:
			// It may be forgotten while it is sent.
			packet := kept.packet
			// One that leaves is noted by then, and one that finds no room may be asked for again.
			if kept.waiting = stream.write(&packet, repair, now) == waits; kept.waiting {
				kept.resent = now
			}
		}
	}
}

// mayRepair tells whether there is room for a repair, where what there is is known. Sound takes little, and video not its
// place. The mu is held.
func (s *Control) mayRepair(stream *pacedStream, size int, now time.Time) bool {
	if !s.controlled || stream.sound {
		return true
	}
	bitrate, _ := s.estimator.Bitrate(now)

	return s.repairs.spend(size, bitrate, now)
}

// lastRoundTrip is what is known of the time to the server and back.
func (s *Control) lastRoundTrip() time.Duration {
	if s.controlled && s.estimator.Answered() {
		return s.estimator.RoundTrip()
	}

	return s.roundTrip
}

// keptFor is for how long packets may be asked for.
func (s *Control) keptFor() time.Duration { return keptFor(s.lastRoundTrip()) }
