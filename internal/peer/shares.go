package peer

import (
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// sharePeriod is how often the estimate is shared out though it does not change:
// what encoders want may.
const sharePeriod = 500 * time.Millisecond

// shares is how a peer's estimate was shared out last.
type shares struct {
	mu              sync.Mutex
	at              time.Time
	left            int
	measured, known bool
}

// due notes what there is to be shared out, and says whether it has changed so much that encoders would notice, or was shared
// out long ago. Otherwise feedback costs the same, however many senders there are.
func (s *shares) due(left int, measured, known bool, now time.Time) bool {
	if measured == s.measured && known == s.known && !differs(left, s.left) && now.Sub(s.at) < sharePeriod {
		return false
	}
	s.at, s.left, s.measured, s.known = now, left, measured, known

	return true
}

// shareOut gives each layer its part of the estimate: sound and what is passed
// through are sent as they are, the rest is for the encoders. changed says that
// something else than the estimate did.
func (p *Peer) shareOut(changed bool) {
	if p.closed.Load() {
		return
	}
	now := time.Now()
	bitrate, measured, known := p.side.Bitrate()
	p.shares.mu.Lock()
	defer p.shares.mu.Unlock()
	left := 0
	if known {
		left = p.side.Left(bitrate, now)
	}
	if !p.shares.due(left, measured, known, now) && !changed {
		return
	}
	demands := p.demands(now)
	if !known {
		for _, d := range demands {
			if !d.Fixed {
				d.follow(max(d.Max, d.Start), now)
			}
		}

		return
	}
	share(left, measured, demands, now)
	p.side.Share(sending.Wanted(asked(demands)))
}

// demands are those of the layers that are to be sent.
func (p *Peer) demands(now time.Time) []demand {
	var demands []demand
	for _, s := range p.listSenders() {
		for _, l := range s.layers {
			if d, ok := l.demand(now); ok {
				demands = append(demands, d)
			}
		}
	}

	return demands
}

func share(bitrate int, measured bool, demands []demand, now time.Time) {
	for i, part := range sending.Shares(bitrate, measured, asked(demands)) {
		demands[i].follow(part, now)
	}
}

// asked is what the demands are, without whose.
func asked(demands []demand) []sending.Demand {
	all := make([]sending.Demand, len(demands))
	for i, d := range demands {
		all[i] = d.Demand
	}

	return all
}
