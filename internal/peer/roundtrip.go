package peer

import (
	"sync"
	"time"
)

// roundTripAge is how old a round trip time may be.
const roundTripAge = time.Second

// roundTripTime remembers the last that ICE measured.
type roundTripTime struct {
	mu    sync.Mutex
	asked time.Time
	value time.Duration
}

// roundTrip is the time to the server and back; 0 until it was measured.
func (p *Peer) roundTrip() time.Duration {
	r := &p.lastRoundTrip
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.asked) < roundTripAge {
		return r.value
	}
	r.asked = time.Now()
	if pair, ok := p.ice.GetSelectedCandidatePairStats(); ok {
		r.value = time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
	}

	return r.value
}
