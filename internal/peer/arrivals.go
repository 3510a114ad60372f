package peer

import (
	"encoding/binary"
	"math"
	"sync"
	"time"
)

// arrivals counts the packets of a stream that is received (RFC 3550 appendix A).
type arrivals struct {
	mu        sync.Mutex
	clockRate uint32
	counts    arrivalCounts

	started       bool
	base, highest int64
	transit       float64
	rate          frameRate
}

// arrivalCounts is what is known of a stream; bytes are those of payloads.
type arrivalCounts struct {
	packets, bytes, headerBytes, frames uint64
	// again is what came on the stream of retransmissions (RFC 4588).
	again traffic
	lost  int64
	// jitter is in seconds.
	jitter          float64
	framesPerSecond float64
	last            time.Time
}

// take counts one packet. again says that it was sent again.
func (a *arrivals) take(packet []byte, again bool, now time.Time) {
	header, payload, ok := measure(packet)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &a.counts
	c.packets++
	c.bytes += uint64(payload)      //nolint:gosec // never negative
	c.headerBytes += uint64(header) //nolint:gosec // never negative
	c.last = now
	marker := packet[1]&0x80 != 0
	if marker {
		c.frames++
		a.rate.add(now)
	}
	a.follow(packet)
	// What was sent again repairs a loss; what came twice is none.
	c.lost = a.highest - a.base + 1 - int64(c.packets) //nolint:gosec // far below 2^63
	if again {
		c.again.packets++
		c.again.bytes += uint64(payload) //nolint:gosec // never negative

		return
	}
	a.measureJitter(binary.BigEndian.Uint32(packet[4:]), now)
}

// skip leaves one packet out: it is neither received nor lost.
func (a *arrivals) skip(packet []byte) {
	if _, _, ok := measure(packet); !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if before := a.highest; a.started {
		a.follow(packet)
		a.base += a.highest - before
	}
}

func (a *arrivals) follow(packet []byte) {
	sequence := binary.BigEndian.Uint16(packet[2:])
	if !a.started {
		a.started = true
		a.base, a.highest = int64(sequence), int64(sequence)
	}
	ahead := int64(int16(sequence - uint16(a.highest))) //nolint:gosec // modulo 2^16 is meant
	a.highest = max(a.highest, a.highest+ahead)
}

// measureJitter is RFC 3550 section 6.4.1.
func (a *arrivals) measureJitter(timestamp uint32, now time.Time) {
	if a.clockRate == 0 {
		return
	}
	arrived := math.Mod(float64(now.UnixMicro())/1e6*float64(a.clockRate), 1<<32)
	transit := arrived - float64(timestamp)
	difference := math.Abs(transit - a.transit)
	first := a.transit == 0
	a.transit = transit
	// Half of the range is a wrap, or a new beginning of the timestamps.
	if first || difference > float64(a.clockRate)*60 {
		return
	}
	a.counts.jitter += (difference/float64(a.clockRate) - a.counts.jitter) / 16
}

// interval is the jitter.
func (a *arrivals) interval() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()

	return time.Duration(a.counts.jitter * float64(time.Second))
}

func (a *arrivals) read(now time.Time) arrivalCounts {
	a.mu.Lock()
	defer a.mu.Unlock()
	counts := a.counts
	counts.framesPerSecond = a.rate.perSecond(now)

	return counts
}

// measure gives the sizes of the header and of the payload of an RTP packet
// (RFC 3550 section 5.1), without padding.
func measure(packet []byte) (header, payload int, ok bool) {
	const fixed = 12
	if len(packet) < fixed {
		return 0, 0, false
	}
	header = fixed + 4*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 {
		if len(packet) < header+4 {
			return 0, 0, false
		}
		header += 4 + 4*int(binary.BigEndian.Uint16(packet[header+2:]))
	}
	payload = len(packet) - header
	if packet[0]&0x20 != 0 {
		payload -= int(packet[len(packet)-1])
	}

	return header, payload, payload >= 0
}

// frameRate counts the frames of the last whole second.
type frameRate struct {
	second         int64
	before, within int
}

func (r *frameRate) add(now time.Time) {
	r.turn(now)
	r.within++
}

func (r *frameRate) perSecond(now time.Time) float64 {
	r.turn(now)

	return float64(r.before)
}

func (r *frameRate) turn(now time.Time) {
	switch second := now.Unix(); {
	case second == r.second:
	case second == r.second+1:
		r.second, r.before, r.within = second, r.within, 0
	default:
		r.second, r.before, r.within = second, 0, 0
	}
}
