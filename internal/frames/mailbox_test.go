package frames_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
)

// numbered makes frames whose memory counts how many of them were given back.
func numbered(freed *atomic.Int32) func(i int) *frames.Frame {
	return func(i int) *frames.Frame {
		return frames.New(frames.Head{Timestamp: float64(i)}, [][]byte{make([]byte, 10)}, func() { freed.Add(1) })
	}
}

func TestAMailboxKeepsTheNewestAndCountsTheRest(t *testing.T) {
	var freed atomic.Int32
	news := 0
	m := frames.NewMailbox(3, 10, func() { news++ })
	frame := numbered(&freed)
	for i := range 5 {
		m.Put(frame(i))
	}
	m.Drop(2)
	m.Put(frame(5))
	if freed.Load() != 3 || news != 1 {
		t.Errorf("%d given back, and told %d times", freed.Load(), news)
	}
	for _, want := range []struct{ timestamp, sequence, dropped float64 }{{3, 4, 5}, {4, 5, 0}, {5, 8, 0}} {
		f, err := m.Take()
		if err != nil || f.Timestamp != want.timestamp || f.Sequence != want.sequence || f.Dropped != want.dropped {
			t.Errorf("%+v (%v), want %+v", f.Head, err, want)
		}
		f.Release()
	}
	if freed.Load() != 6 {
		t.Errorf("%d of 6 given back", freed.Load())
	}
	if f, err := m.Take(); f != nil || err != nil {
		t.Errorf("%v, %v of an empty one", f, err)
	}
	m.Put(frame(6))
	m.Put(frame(7))
	if news != 2 {
		t.Errorf("told %d times, want one for each that found nothing", news)
	}
	m.Close()
	m.Put(frame(8))
	if freed.Load() != 9 {
		t.Errorf("%d of 9 given back after Close", freed.Load())
	}
}

func TestAMailboxGivesNoMoreThanMayBeHeld(t *testing.T) {
	var freed atomic.Int32
	m := frames.NewMailbox(4, 2, func() {})
	frame := numbered(&freed)
	for i := range 4 {
		m.Put(frame(i))
	}
	first, _ := m.Take()
	second, _ := m.Take()
	if _, err := m.Take(); !errors.Is(err, frames.ErrHeld) {
		t.Errorf("a third: %v", err)
	}
	// One that is shared is held until both are done.
	second.Retain()
	second.Release()
	if _, err := m.Take(); !errors.Is(err, frames.ErrHeld) {
		t.Errorf("while a shared one is held: %v", err)
	}
	first.Release()
	third, err := m.Take()
	if err != nil || third.Timestamp != 2 {
		t.Errorf("%v after a release: %v", third, err)
	}
	m.Close()
	// What is held outlives the mailbox.
	second.Release()
	third.Release()
	if freed.Load() != 4 {
		t.Errorf("%d of 4 given back", freed.Load())
	}
}

func TestAMailboxIsFilledAndEmptiedSideBySide(t *testing.T) {
	var freed atomic.Int32
	const total = 5000
	news := make(chan struct{}, 1)
	m := frames.NewMailbox(2, 100, func() { news <- struct{}{} })
	frame := numbered(&freed)
	var putting sync.WaitGroup
	putting.Go(func() {
		for i := range total {
			m.Put(frame(i))
		}
	})
	seen, dropped := 0, 0
	for last := -1.0; last != total-1; {
		<-news
		for {
			f, err := m.Take()
			if err != nil {
				t.Fatal(err)
			}
			if f == nil {
				break
			}
			if f.Timestamp <= last {
				t.Fatalf("%v after %v", f.Timestamp, last)
			}
			last = f.Timestamp
			seen++
			dropped += int(f.Dropped)
			f.Release()
		}
	}
	putting.Wait()
	m.Close()
	if seen+dropped != total || freed.Load() != total {
		t.Errorf("%d seen, %d dropped, %d given back of %d", seen, dropped, freed.Load(), total)
	}
}
