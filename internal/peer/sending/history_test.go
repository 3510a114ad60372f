package sending

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestHistoryIsBoundedInTime(t *testing.T) {
	for _, c := range []struct{ roundTrip, length time.Duration }{
		{0, time.Second}, {20 * time.Millisecond, time.Second}, {600 * time.Millisecond, 1800 * time.Millisecond},
	} {
		h, begin, length := history{}, time.Now(), keptFor(c.roundTrip)
		const apart = 10 * time.Millisecond
		for i := range uint16(1000) {
			h.add(&packet{sequence: 65000 + i, payload: make([]byte, 10)}, begin.Add(time.Duration(i)*apart), length)
		}
		if most := int(c.length/apart) + 1; h.count > most || h.bytes != 10*h.count || h.count < most-1 {
			t.Errorf("round trip %v: %d packets of %d bytes are kept", c.roundTrip, h.count, h.bytes)
		}
		now := begin.Add(999 * apart)
		newest, count := h.first+uint16(h.count)-1, 0 //nolint:gosec // modulo 2^16 is meant
		for i := range uint16(1000) {
			if found := h.find(newest-i, now, length); found != nil {
				count++
				if found.sequence != newest-i {
					t.Fatalf("asked for %d, found %d", newest-i, found.sequence)
				}
			}
		}
		if count != h.count {
			t.Errorf("round trip %v: %d of %d are found", c.roundTrip, count, h.count)
		}
		if h.find(newest, now.Add(c.length+time.Millisecond), length) != nil {
			t.Error("what is too old is found, as nothing came after it")
		}
	}
}

func TestHistoryIsBoundedInBytesAndPackets(t *testing.T) {
	h, now := history{}, time.Now()
	for i := range uint16(60000) {
		h.add(&packet{sequence: i, payload: make([]byte, 1000)}, now, time.Hour)
	}
	if h.bytes > mostKeptBytes || h.bytes < mostKeptBytes-1000 {
		t.Errorf("%d bytes are kept", h.bytes)
	}
	h = history{}
	for i := range uint16(60000) {
		h.add(&packet{sequence: i}, now, time.Hour)
	}
	if h.count > mostKept || len(h.kept) > mostKept {
		t.Errorf("%d packets are kept, with room for %d", h.count, len(h.kept))
	}
}

// The expected are those of a map without bounds.
func TestHistoryFindsWhatWasAdded(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		h, now := history{}, time.Now()
		sent := make(map[uint16]time.Time)
		sequence := uint16(random.Uint32()) //nolint:gosec // any 16 bits
		length := time.Duration(random.IntN(300)) * time.Millisecond
		for range 500 {
			switch random.IntN(20) {
			case 0:
				// Numbers that never left.
				sequence += uint16(random.IntN(40)) //nolint:gosec // small
			case 1:
				now = now.Add(time.Duration(random.IntN(200)) * time.Millisecond)
			}
			now = now.Add(time.Duration(random.IntN(3)) * time.Millisecond)
			h.add(&packet{sequence: sequence, payload: []byte{1}}, now, length)
			sent[sequence] = now
			sequence++
			for back := range uint16(100) {
				at, was := sent[sequence-back]
				want := was && now.Sub(at) <= length
				if found := h.find(sequence-back, now, length); (found != nil) != want {
					t.Fatalf("seed %d: number %d back found: %v, want %v", seed, back, found != nil, want)
				}
			}
		}
	}
}

func TestHistoryBeginsAnewAfterAJump(t *testing.T) {
	h, now := history{}, time.Now()
	for _, sequence := range []uint16{10, 11, 40000, 40001, 7} {
		h.add(&packet{sequence: sequence, payload: []byte{1}}, now, time.Hour)
		if found := h.find(sequence, now, time.Hour); found == nil || found.sequence != sequence {
			t.Fatalf("%d is not found", sequence)
		}
	}
	if h.count != 1 || h.bytes != 1 {
		t.Errorf("%d packets are kept", h.count)
	}
}
