package peer

import (
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// payloadPart of what is sent is what encoders make; the rest are headers.
	payloadPart = 0.95
	// sharePeriod is how often the estimate is shared out though it does not change:
	// what encoders want may.
	sharePeriod = 500 * time.Millisecond
)

// shares is how a peer's estimate was shared out last.
type shares struct {
	mu      sync.Mutex
	at      time.Time
	bitrate int
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
	if !changed && bitrate == p.shares.bitrate && now.Sub(p.shares.at) < sharePeriod {
		return
	}
	p.shares.at, p.shares.bitrate = now, bitrate
	fixed, encoded := p.demands(now)
	if !known {
		for _, d := range encoded {
			d.follow(max(d.Max, d.start), now)
		}

		return
	}
	share(p.side.Left(bitrate, now), measured, fixed, encoded, now)
	p.side.Share(wanted(fixed, encoded))
}

// demands are those of what is sent as it is, and those of what is encoded.
func (p *Peer) demands(now time.Time) (fixed, encoded []demand) {
	for _, s := range p.listSenders() {
		for _, l := range s.layers {
			if d, ok := l.demand(now); ok && d.fixed {
				fixed = append(fixed, d)
			} else if ok {
				encoded = append(encoded, d)
			}
		}
	}

	return fixed, encoded
}

// share gives what fixed leaves of the bitrate to encoded. Before it is measured
// no layer is left out because of it.
func share(bitrate int, measured bool, fixed, encoded []demand, now time.Time) {
	sum := 0
	for _, d := range fixed {
		sum += d.bitrate
	}
	var streams []congestion.Stream
	places := make(map[*Sender]int)
	for _, d := range encoded {
		sender := d.layer.sender
		place, known := places[sender]
		if !known {
			place = len(streams)
			places[sender] = place
			streams = append(streams, congestion.Stream{})
		}
		streams[place].Layers = append(streams[place].Layers, d.Layer)
	}
	given := congestion.Share(int(float64(max(bitrate-sum, 0))*payloadPart), streams)
	for _, d := range encoded {
		place := places[d.layer.sender]
		part := given[place][0]
		given[place] = given[place][1:]
		if part == 0 && !measured {
			part = d.Min
		}
		if d.start > 0 {
			part = min(part, d.start)
		}
		d.follow(part, now)
	}
	for _, d := range fixed {
		// It bounds how fast a stream that is passed through may catch up.
		d.follow(max(bitrate-sum+d.bitrate, 1), now)
	}
}

// wanted is all that could be used, and what of video is sent at the least: sound
// does not wait for anything, and what of it is sent again is no reason to hurry.
func wanted(fixed, encoded []demand) (most, least int) {
	for _, d := range fixed {
		most += d.bitrate
		if d.layer.sender.kind == media.Video {
			least += d.bitrate
		}
	}
	for _, d := range encoded {
		most += int(float64(d.Max) / payloadPart)
		if d.layer.index == 0 {
			least += d.Min
		}
	}

	return most, least
}
