package jitter

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
)

func numbered(sequence uint16) *rtp.Packet {
	return &rtp.Packet{Header: rtp.Header{SequenceNumber: sequence}, Payload: []byte{1}}
}

// over is the patience on a network of the given round trip.
func over(roundTrip time.Duration) *Patience {
	return &Patience{
		retransmits: true, roundTrip: func() time.Duration { return roundTrip },
		jitter: func() time.Duration { return 0 },
	}
}

func popAll(b *jitterBuffer, now time.Time) []ordered {
	var all []ordered
	for {
		next, ok := b.pop(now)
		if !ok {
			return all
		}
		all = append(all, next)
	}
}

func TestJitterBufferHandsOutWhatANetworkMixesUp(t *testing.T) {
	type arrival struct {
		at       time.Duration
		sequence uint16
	}
	const count, first = 20_000, 60_000
	random := rand.New(rand.NewPCG(3, 4))
	var arrivals []arrival
	for i := range count {
		at := time.Duration(i) * 5 * time.Millisecond
		sequence := uint16(first + i)
		switch chance := random.Float64(); {
		case i == 0:
		case chance < 0.05: // sent again, once or twice
			at += time.Duration(100+100*random.IntN(2)) * time.Millisecond
		case chance < 0.15:
			at += time.Duration(random.IntN(30)) * time.Millisecond
		}
		arrivals = append(arrivals, arrival{at, sequence})
		if random.Float64() < 0.02 {
			arrivals = append(arrivals, arrival{at + time.Duration(random.IntN(300))*time.Millisecond, sequence})
		}
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return int(a.at - b.at) })
	b := newJitterBuffer(audioWindow, over(100*time.Millisecond), &Counts{})
	begin := time.Now()
	next := uint16(first)
	for _, a := range arrivals {
		now := begin.Add(a.at)
		b.push(numbered(a.sequence), now)
		for _, o := range popAll(b, now) {
			if o.lost > 0 || o.restarted || o.packet.SequenceNumber != next {
				t.Fatalf("%+v instead of %d", o, next)
			}
			next++
		}
	}
	if end := uint16((first + count) & 0xffff); next != end {
		t.Fatalf("ended at %d, want %d", next, end)
	}
}

func TestJitterBufferTellsWhatIsLost(t *testing.T) {
	b := newJitterBuffer(audioWindow, over(10*time.Millisecond), &Counts{})
	now := time.Now()
	for _, sequence := range []uint16{65534, 65535, 2, 3} {
		b.push(numbered(sequence), now)
	}
	if got := popAll(b, now); len(got) != 2 {
		t.Fatalf("%d packets before the gap", len(got))
	}
	deadline := b.deadline(now)
	if wait := deadline.Sub(now); wait < leastPatience || wait > 150*time.Millisecond {
		t.Fatalf("waits %v for three repairs over 10 ms", wait)
	}
	if got := popAll(b, deadline.Add(-time.Millisecond)); len(got) != 0 {
		t.Fatal("gave up too early")
	}
	got := popAll(b, deadline)
	if len(got) != 2 || got[0].packet.SequenceNumber != 2 || got[0].lost != 2 || got[1].lost != 0 {
		t.Fatalf("after the gap: %+v", got)
	}
	if !b.deadline(now).IsZero() {
		t.Error("waits for nothing")
	}
	b.push(numbered(0), deadline)
	if got := popAll(b, deadline); len(got) != 0 || b.counts.discarded.Load() != 1 {
		t.Fatalf("what came too late: %+v, %d discarded", got, b.counts.discarded.Load())
	}
	// Once more, and what was handed out: both came twice.
	b.push(numbered(0), deadline)
	b.push(numbered(3), deadline)
	if got := popAll(b, deadline); len(got) != 0 || b.counts.discarded.Load() != 1 {
		t.Fatalf("what came twice: %+v, %d discarded", got, b.counts.discarded.Load())
	}
}

func TestPatienceLearnsHowLatePacketsAre(t *testing.T) {
	p := over(5 * time.Millisecond)
	b := newJitterBuffer(audioWindow, p, &Counts{})
	now := time.Now()
	before := p.wait(now)
	// It comes when it was given up: the next one is waited for.
	b.push(numbered(1), now)
	b.push(numbered(3), now)
	late := now.Add(200 * time.Millisecond)
	popAll(b, late)
	b.push(numbered(2), late)
	if after := p.wait(late); before > 150*time.Millisecond || after < 200*time.Millisecond {
		t.Fatalf("waits %v, then %v", before, after)
	}
	if faded := p.wait(late.Add(fade)); faded != before {
		t.Errorf("waits %v when all is forgotten, %v at first", faded, before)
	}
	p.late(time.Hour, late)
	if longest := p.wait(late); longest != mostPatience {
		t.Errorf("waits %v at the most", longest)
	}
	p.retransmits = false
	if shortest := p.wait(late.Add(2 * fade)); shortest != leastPatience {
		t.Errorf("waits %v where nothing is sent again", shortest)
	}
}

func TestJitterBufferBeginsAnewWithTheStream(t *testing.T) {
	b := newJitterBuffer(audioWindow, over(time.Millisecond), &Counts{})
	now := time.Now()
	for _, sequence := range []uint16{100, 101, 30_000, 102, 103, 20_000, 20_001, 20_002} {
		b.push(numbered(sequence), now)
	}
	var got []uint16
	for _, o := range popAll(b, now) {
		got = append(got, o.packet.SequenceNumber)
		if o.restarted != (o.packet.SequenceNumber == 20_000) {
			t.Errorf("%d: restarted %v", o.packet.SequenceNumber, o.restarted)
		}
	}
	// What waited when the stream began anew is of no use.
	if want := []uint16{20_000, 20_001, 20_002}; !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestAStreamThatBeginsAnewALittleBehindIsHandedOut(t *testing.T) {
	b := newJitterBuffer(videoWindow, over(time.Millisecond), &Counts{})
	now := time.Now()
	handed, restarts := 0, 0
	for _, first := range []uint16{10_000, 8500} {
		for i := range uint16(300) {
			b.push(numbered(first+i), now)
			for _, o := range popAll(b, now) {
				handed++
				if o.restarted {
					restarts++
				}
			}
			now = now.Add(20 * time.Millisecond)
		}
	}
	if handed < 540 || restarts != 1 {
		t.Errorf("%d of 600 were handed out, after %d restarts", handed, restarts)
	}
}

func FuzzJitterBuffer(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 4, 0, 3, 0xff, 0xff, 0, 5})
	f.Add([]byte{0x80, 0, 0x80, 1, 0, 0, 0, 1, 0, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newJitterBuffer(audioWindow, over(10*time.Millisecond), &Counts{})
		now := time.Now()
		var next uint16
		started := false
		for ; len(data) >= 2; data = data[2:] {
			sequence := binary.BigEndian.Uint16(data)
			now = now.Add(time.Duration(sequence%64) * time.Millisecond)
			if !started {
				next = sequence
			}
			started = true
			b.push(numbered(sequence), now)
			for _, o := range popAll(b, now) {
				if got := o.packet.SequenceNumber; !o.restarted && got != next+uint16(o.lost) { //nolint:gosec // modulo 2^16
					t.Fatalf("%d after %d, and %d lost", got, next-1, o.lost)
				}
				next = o.packet.SequenceNumber + 1
			}
			if d := b.deadline(now); !d.IsZero() && d.Sub(now) > mostPatience {
				t.Fatalf("waits for %v", d.Sub(now))
			}
		}
	})
}

func TestNoMorePacketsWaitThanMayBe(t *testing.T) {
	now := time.Now()
	for _, window := range []int{audioWindow, videoWindow} {
		// All but the first packet wait for it, up to the window.
		b := newJitterBuffer(window, over(time.Hour), &Counts{})
		b.push(numbered(1), now)
		popAll(b, now)
		for ahead := 2; ahead <= window; ahead++ {
			b.push(numbered(uint16(1+ahead)), now) //nolint:gosec // small
		}
		if got := popAll(b, now); len(got) != 0 {
			t.Fatalf("%d packets did not wait", len(got))
		}
		b.push(numbered(2), now)
		if got := popAll(b, now); len(got) != window {
			t.Errorf("%d of %d came in order", len(got), window)
		}
		// What is further away is another stream, if another follows it; it takes no more room.
		b.push(numbered(uint16(3*window)), now)   //nolint:gosec // small
		b.push(numbered(uint16(3*window)+1), now) //nolint:gosec // small
		if got := popAll(b, now); len(got) != 2 || !got[0].restarted || len(b.slots) != window {
			t.Errorf("%+v of what is far, with %d slots", got, len(b.slots))
		}
	}
}
