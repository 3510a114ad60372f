package media

import (
	"sync"
	"testing"
)

func TestAFrameIsCutOnceForAllThatCutItAlike(t *testing.T) {
	type way struct{ size int }
	frame := &EncodedFrame{Cuts: &Cuts{}}
	late := *frame
	made := make(map[way]int)
	var mu sync.Mutex
	var sinks sync.WaitGroup
	for i := range 60 {
		sinks.Go(func() {
			w, of := way{i % 3}, frame
			if i%2 == 0 {
				of = &late
			}
			got := of.Cuts.Of(w, func() any {
				mu.Lock()
				defer mu.Unlock()
				made[w]++

				return w.size
			})
			if got != w.size {
				t.Errorf("got %v, want %d", got, w.size)
			}
		})
	}
	sinks.Wait()
	for w, n := range made {
		if n != 1 || len(made) != 3 {
			t.Errorf("%v was cut %d times", w, n)
		}
	}
}

func TestAFrameWithoutCutsIsCutByEach(t *testing.T) {
	frame, n := &EncodedFrame{}, 0
	for range 2 {
		frame.Cuts.Of(1, func() any { n++; return n })
	}
	if n != 2 {
		t.Errorf("cut %d times", n)
	}
}
