package crash

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
)

// reporter is the process's: Go has one file for its last words.
type reporter struct {
	mu   sync.Mutex
	file string
}

var process reporter //nolint:gochecknoglobals // as above

// Report makes a file that begins with head, and that Go writes the stacks of all goroutines to when it ends the process.
// The first call of a process counts: another reports false.
func Report(file, head string) (bool, error) { return process.report(file, head) }

func (r *reporter) report(file, head string) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != "" {
		return false, nil
	}
	// Stacks may have data in them. Nobody else reads them.
	opened, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, fmt.Errorf("making a crash report: %w", err)
	}
	_, err = fmt.Fprintln(opened, head)
	if err == nil {
		err = debug.SetCrashOutput(opened, debug.CrashOptions{})
	}
	// Go has a descriptor of its own.
	if closing := opened.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(file)

		return false, fmt.Errorf("making a crash report: %w", err)
	}
	debug.SetTraceback("all")
	r.file = file

	return true, nil
}
