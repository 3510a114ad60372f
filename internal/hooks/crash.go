package hooks

import (
	"context"
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

var errNoCrash = errors.New("it did not crash")

// CrashBy does what Go recovers from by no means; or, with nil, what it does recover from.
func CrashBy(ctx context.Context, how string) error {
	switch how {
	case "map":
		shared := make(map[int]int)
		for range 8 {
			recovery.Go(ctx, "crashing", func() {
				for i := 0; ; i++ {
					shared[i%8] = i
				}
			})
		}
		select {}
	case "memory":
		return withoutMemory()
	case "nil":
		var nowhere *int
		*nowhere++

		return errNoCrash
	default:
		return fmt.Errorf("%w: %q", errNoCrash, how)
	}
}
