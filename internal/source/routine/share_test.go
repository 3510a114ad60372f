package routine

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

func TestWorkIsDoneOnceHoweverMuchThereIs(t *testing.T) {
	for _, n := range []int{0, 1, leastShare, 2*leastShare - 1, 2 * leastShare, 201, 5000} {
		done := make([]atomic.Int32, n)
		Share(t.Context(), n, func(i int) { done[i].Add(1) })
		for i := range done {
			if times := done[i].Load(); times != 1 {
				t.Fatalf("of %d, %d was done %d times", n, i, times)
			}
		}
	}
}

func TestMuchWorkIsDoneSideBySide(t *testing.T) {
	if runtime.NumCPU() < 2 {
		// One processor: all is done here, which the test above sees.
		return
	}
	var came atomic.Int32
	second := make(chan struct{})
	Share(t.Context(), 200, func(int) {
		switch came.Add(1) {
		case 1:
			select {
			case <-second:
			case <-time.After(20 * time.Second):
				t.Error("nobody else works")
			}
		case 2:
			close(second)
		}
	})
}

func TestAPanicOfWhoSharesTheWorkIsTold(t *testing.T) {
	var told atomic.Int32
	ctx := recovery.WithOwner(context.Background(), func(string, string) { told.Add(1) })
	var done atomic.Int32
	here := 0
	func() {
		defer func() {
			if recover() != nil {
				here++
			}
		}()
		Share(ctx, 400, func(i int) {
			if i == 100 {
				panic("deliberate")
			}
			done.Add(1)
		})
	}()
	if n := int(told.Load()) + here; n != 1 {
		t.Errorf("%d panics were told", n)
	}
	if n := done.Load(); n != 399 && runtime.NumCPU() > 1 {
		t.Errorf("%d of 400 were done", n)
	}
}
