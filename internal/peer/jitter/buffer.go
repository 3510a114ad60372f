package jitter

import (
	"time"

	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
)

const (
	// audioWindow and videoWindow are how many packets wait for a missing one, at
	// the most: for half a second, of 2.5 ms of sound each and of 40 Mbit/s.
	audioWindow = 256
	videoWindow = 2048
	// mostGivenUp is how many of those that were given up are remembered.
	mostGivenUp = 64
)

// jitterBuffer hands out the packets of a stream in order, each once. For one
// that is missing it waits as long as its patience says. It does not hold back
// what is in order: its reader is no loudspeaker, and has the timestamps.
//
// Of pion's two, interceptor's jitterbuffer knows no time (it begins after 50
// packets, and waits for ever), and samplebuilder counts packets where this
// counts milliseconds, can't tell what was lost between two samples, and takes
// a megabyte a stream.
type jitterBuffer struct {
	// slots is a ring; the place of a sequence number is its lower bits.
	slots    []slot
	patience *Patience

	started bool
	// next is handed out next; end comes after the newest.
	next, end uint16
	// lost is how many were given up since the last one that was handed out.
	lost int
	// restarted says that next has nothing to do with what was before it.
	restarted bool
	// stray is a packet far from all others: one alone says nothing (RFC 3550
	// appendix A.1).
	stray *rtp.Packet
	// behind are those that came after what was handed out.
	behind feedback.Behind

	givenUp   [mostGivenUp]missing
	givenUpAt int
	counts    *Counts
}

// slot is a packet, or the lack of one, and since when.
type slot struct {
	packet *rtp.Packet
	since  time.Time
}

type missing struct {
	sequence uint16
	since    time.Time
}

// ordered is a packet in its order.
type ordered struct {
	packet *rtp.Packet
	// arrived is when it came.
	arrived time.Time
	// lost is how many are missing right before it.
	lost int
	// restarted says that the stream began anew with it: its timestamp has nothing
	// to do with those before.
	restarted bool
}

// newJitterBuffer makes one whose window is a power of two, below 2^14.
func newJitterBuffer(window int, p *Patience, counts *Counts) *jitterBuffer {
	return &jitterBuffer{slots: make([]slot, window), patience: p, counts: counts}
}

func (b *jitterBuffer) slot(sequence uint16) *slot {
	return &b.slots[int(sequence)&(len(b.slots)-1)]
}

// push takes a packet as it came. It keeps it until it is popped.
func (b *jitterBuffer) push(packet *rtp.Packet, now time.Time) {
	sequence := packet.SequenceNumber
	if !b.started {
		b.started = true
		b.next, b.end = sequence, sequence
	}
	ahead := int(int16(sequence - b.next)) //nolint:gosec // modulo 2^16 is meant
	if ahead >= len(b.slots) || ahead < -len(b.slots) {
		b.far(packet, ahead, now)

		return
	}
	b.stray = nil
	if b.behind.Take(ahead < 0, now) > 0 {
		b.restart(packet, 1, now)

		return
	}
	if ahead < 0 {
		b.late(sequence, now)

		return
	}
	b.put(packet, now)
}

func (b *jitterBuffer) put(packet *rtp.Packet, now time.Time) {
	sequence := packet.SequenceNumber
	place := b.slot(sequence)
	if int16(sequence-b.end) < 0 { //nolint:gosec // modulo 2^16 is meant
		if place.packet == nil {
			b.patience.late(now.Sub(place.since), now)
			*place = slot{packet, now}
		}

		return
	}
	for ; b.end != sequence; b.end++ {
		*b.slot(b.end) = slot{since: now}
	}
	*place = slot{packet, now}
	b.end++
}

// late is told of one that was handed out, or given up, before it came.
func (b *jitterBuffer) late(sequence uint16, now time.Time) {
	for i := range b.givenUp {
		if m := &b.givenUp[i]; m.sequence == sequence && !m.since.IsZero() {
			b.counts.discarded.Add(1)
			b.patience.late(now.Sub(m.since), now)
			*m = missing{}

			return
		}
	}
}

// far begins anew with the second of two packets in a row that are far from all others.
func (b *jitterBuffer) far(packet *rtp.Packet, ahead int, now time.Time) {
	if b.stray == nil || packet.SequenceNumber != b.stray.SequenceNumber+1 {
		b.stray = packet

		return
	}
	b.restart(b.stray, max(ahead-1, 1), now)
	b.put(packet, now)
}

// restart begins anew with a packet, so many after the one before it.
func (b *jitterBuffer) restart(first *rtp.Packet, lost int, now time.Time) {
	b.stray, b.behind = nil, feedback.Behind{}
	clear(b.slots)
	clear(b.givenUp[:])
	b.lost += lost
	b.restarted = true
	b.next, b.end = first.SequenceNumber, first.SequenceNumber
	b.put(first, now)
}

// pop gives the next packet, if it is there. What was waited for in vain is
// counted with the one after it.
func (b *jitterBuffer) pop(now time.Time) (ordered, bool) {
	for b.next != b.end {
		place := b.slot(b.next)
		if place.packet == nil {
			if now.Sub(place.since) < b.patience.wait(now) {
				return ordered{}, false
			}
			b.givenUp[b.givenUpAt] = missing{b.next, place.since}
			b.givenUpAt = (b.givenUpAt + 1) % mostGivenUp
			b.lost++
			b.next++

			continue
		}
		o := ordered{place.packet, place.since, b.lost, b.restarted}
		*place = slot{}
		b.next++
		b.lost, b.restarted = 0, false

		return o, true
	}

	return ordered{}, false
}

// deadline is when the missing packet that others wait for is given up; zero if
// none is missing.
func (b *jitterBuffer) deadline(now time.Time) time.Time {
	if b.next == b.end {
		return time.Time{}
	}

	return b.slot(b.next).since.Add(b.patience.wait(now))
}
