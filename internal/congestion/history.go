package congestion

import "time"

const (
	// mostUnanswered packets are remembered: 2 s of 40 Mbit/s.
	mostUnanswered = 8192
	// answerLimit is how long an answer may take.
	answerLimit = 10 * time.Second
)

// history remembers the packets that the server has yet to tell of, by their
// transport-wide sequence numbers.
type history struct {
	packets []sentPacket
	// first is the sequence number of packets[0], without a wrap.
	first int64
}

type sentPacket struct {
	at    time.Time
	size  int32
	probe int32
	// told packets are those that the server has told of, settled ones were received, and counted ones are part of what is
	// known of loss.
	told, settled, counted bool
}

// add numbers a packet.
func (h *history) add(now time.Time, size, probe int) uint16 {
	// A server that tells nothing has half of it forgotten at a time.
	if n := len(h.packets); n == mostUnanswered || n > 0 && now.Sub(h.packets[0].at) > answerLimit {
		h.drop((n + 1) / 2)
	}
	sequence := h.first + int64(len(h.packets))
	h.packets = append(h.packets, sentPacket{at: now, size: int32(size), probe: int32(probe)}) //nolint:gosec // far below 2^31

	return uint16(sequence) //nolint:gosec // modulo 2^16 is meant
}

// settle looks up the packet of a sequence number. What was received is told
// once; what is missing may come yet.
func (h *history) settle(sequence uint16, received bool) (PacketResult, bool) {
	index := int64(sequence-uint16(h.first)) & 0xffff //nolint:gosec // modulo 2^16 is meant
	if index >= int64(len(h.packets)) {
		return PacketResult{}, false
	}
	p := &h.packets[index]
	if p.settled {
		return PacketResult{}, false
	}
	p.told, p.settled = true, received

	return PacketResult{Sent: p.at, Size: int(p.size), Received: received, Probe: int(p.probe)}, true
}

// lost counts the packets up to a sequence number that have not been counted yet,
// and were sent after since: the server has told of later ones before, so that
// what is late has come. Those that it has not told of say nothing: what tells is lost as well.
func (h *history) lost(to uint16, since time.Time) (lost, total int) {
	ahead := int16(to - uint16(h.first)) //nolint:gosec // modulo 2^16 is meant
	if ahead <= 0 {
		// They were forgotten.
		return 0, 0
	}
	end := min(int(ahead), len(h.packets))
	for i := range h.packets[:end] {
		p := &h.packets[i]
		if p.counted || !p.told {
			continue
		}
		p.counted = true
		if !p.at.After(since) {
			continue
		}
		total++
		if !p.settled {
			lost++
		}
	}

	return lost, total
}

// forget drops what came long before a sequence number that was told of.
func (h *history) forget(sequence uint16) {
	// As many may still come late.
	const late = 256
	index := int(sequence-uint16(h.first)) - late //nolint:gosec // modulo 2^16 is meant
	if index > 0 && index < len(h.packets) {
		h.drop(index)
	}
}

func (h *history) drop(n int) {
	h.packets = append(h.packets[:0], h.packets[n:]...)
	h.first += int64(n)
}
