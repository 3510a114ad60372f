package hooks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

var errNoCrash = errors.New("it did not crash")

// CrashBy does what Go recovers from by no means; or, with nil, what it does recover from.
func CrashBy(ctx context.Context, how string) error {
	switch how {
	case "map":
		shared := make(map[int]int)
		for range 8 {
			recovery.Go(ctx, func() {
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

// withoutMemory lets the process have no more memory, and takes some.
func withoutMemory() error {
	var pages uint64
	text, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(text), &pages)
	}
	if err != nil {
		return fmt.Errorf("reading how much memory there is: %w", err)
	}
	most := pages*uint64(os.Getpagesize()) + 64<<20 //nolint:gosec // never negative
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return fmt.Errorf("limiting memory: %w", err)
	}
	var all [][]byte
	for len(all) < 1<<16 {
		all = append(all, make([]byte, 16<<20))
	}

	return fmt.Errorf("%w: %d pieces", errNoCrash, len(all))
}
