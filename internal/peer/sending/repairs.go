package sending

import (
	"encoding/binary"
	"time"
)

const (
	// repairPart of the estimate may be spent on repairs: where more is lost, they
	// would be lost as well, and what they take the place of.
	repairPart = 0.5
	// repairBurst is how much of that may be saved up.
	repairBurst = time.Second
	// mostRepaired packets are remembered.
	mostRepaired = 512
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

// mayRepair tells whether a packet is to be sent again that the server asks for:
// not while the last time may still be on its way. The side's mu is held.
func (p *pacedStream) mayRepair(payload []byte, now time.Time) bool {
	const sequenceSize = 2
	s := p.side
	if len(payload) < sequenceSize {
		return false
	}
	sequence := binary.BigEndian.Uint16(payload)
	if at, ok := p.repaired[sequence]; ok && now.Sub(at) < s.estimator.RoundTrip() {
		return false
	}
	bitrate, _ := s.estimator.Bitrate(now)
	if !s.repairs.spend(len(payload), bitrate, now) {
		return false
	}
	if p.repaired == nil || len(p.repaired) == mostRepaired {
		p.repaired = make(map[uint16]time.Time)
	}
	p.repaired[sequence] = now

	return true
}
