//go:build !windows

package hooks

import (
	"fmt"
	"os"
	"syscall"
)

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
