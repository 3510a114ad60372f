package sending

import "time"

const (
	// leastKept is for how long a packet may be asked for again, or roundTripsKept if that is longer: libwebrtc's.
	leastKept      = time.Second
	roundTripsKept = 3
	// mostKeptBytes and mostKept bound what is kept of a stream in bytes of payload and in packets.
	mostKeptBytes = 4 << 20
	mostKept      = 8192
	fewKept       = 16
)

// history are the packets of a stream that may be asked for again. It keeps what they refer to, and copies nothing.
type history struct {
	// kept has room for a power of two; the place of a packet is its number modulo that.
	kept []keptPacket
	// first is the number of the oldest of count; those that never left are empty among them.
	first uint16
	count int
	bytes int
}

type keptPacket struct {
	packet
	// sent is zero of a packet that never left, resent of one that was not sent again.
	sent, resent time.Time
	// waiting says that it is on its way to be sent again.
	waiting bool
}

// keptFor is how long packets are kept where a round trip takes so long.
func keptFor(roundTrip time.Duration) time.Duration { return max(leastKept, roundTripsKept*roundTrip) }

// add keeps a packet that leaves now, and forgets those that are older than length.
func (h *history) add(p *packet, now time.Time, length time.Duration) {
	ahead := int(p.sequence - h.first)
	if h.count > 0 && (ahead < h.count || ahead-h.count > mostKept) {
		h.clear()
	}
	if h.count == 0 {
		h.first, ahead = p.sequence, 0
	}
	for h.count > 0 && h.outlived(now.Add(-length), len(p.payload), ahead) {
		h.drop()
		ahead--
	}
	if h.count == 0 {
		h.first, ahead = p.sequence, 0
	}
	if ahead >= len(h.kept) {
		h.grow(ahead + 1)
	}
	// Numbers that were given to packets that never left keep an empty place.
	for h.count < ahead {
		*h.at(h.first + uint16(h.count)) = keptPacket{} //nolint:gosec // modulo 2^16 is meant
		h.count++
	}
	*h.at(p.sequence) = keptPacket{packet: *p, sent: now}
	h.count++
	h.bytes += len(p.payload)
}

// outlived says that the oldest makes room for size bytes at a place so far from it.
func (h *history) outlived(least time.Time, size, ahead int) bool {
	return h.at(h.first).sent.Before(least) || h.bytes+size > mostKeptBytes || ahead >= mostKept
}

// find is nil of a packet that is not kept, or only for want of later ones.
func (h *history) find(sequence uint16, now time.Time, length time.Duration) *keptPacket {
	if int(sequence-h.first) >= h.count {
		return nil
	}
	if found := h.at(sequence); now.Sub(found.sent) <= length {
		return found
	}

	return nil
}

func (h *history) at(sequence uint16) *keptPacket { return &h.kept[int(sequence)&(len(h.kept)-1)] }

func (h *history) drop() {
	oldest := h.at(h.first)
	h.bytes -= len(oldest.payload)
	*oldest = keptPacket{}
	h.first++
	h.count--
}

func (h *history) clear() {
	for h.count > 0 {
		h.drop()
	}
}

func (h *history) grow(least int) {
	size := max(len(h.kept), fewKept)
	for size < least {
		size *= 2
	}
	grown := history{kept: make([]keptPacket, size)}
	for i := range uint16(h.count) { //nolint:gosec // at most mostKept
		*grown.at(h.first + i) = *h.at(h.first + i)
	}
	h.kept = grown.kept
}

// repaired tells that a packet leaves again.
func (h *history) repaired(sequence uint16, now time.Time) {
	if int(sequence-h.first) < h.count {
		kept := h.at(sequence)
		kept.resent, kept.waiting = now, false
	}
}
