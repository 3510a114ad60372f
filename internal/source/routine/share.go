package routine

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// leastShare is how many pieces of work another goroutine is worth its waking for.
const leastShare = 16

// Share runs f for each of 0 to n-1 once, where there are many on several processors side by side, and returns when
// all is done: one that takes long keeps the others from nothing but the return. ctx's owner is told of a panic
// elsewhere than here.
func Share(ctx context.Context, n int, f func(i int)) {
	if n < 2*leastShare {
		for i := range n {
			f(i)
		}
		return
	}
	var taken atomic.Int64
	work := func() {
		for {
			i := int(taken.Add(1)) - 1
			if i >= n {
				return
			}
			f(i)
		}
	}
	var others sync.WaitGroup
	defer others.Wait()
	for range min(n/leastShare, runtime.NumCPU(), runtime.GOMAXPROCS(0)) - 1 {
		others.Add(1)
		recovery.GoThen(ctx, "share work", work, others.Done)
	}
	work()
}
