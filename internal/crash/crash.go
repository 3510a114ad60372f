package crash

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"sync"
)

// reporter is the process's: Go has one file for its last words.
type reporter struct {
	mu   sync.Mutex
	file string
	// users counts who asked for reports and has not ended.
	users int
}

// Reports is one use of the process's file, until it is closed.
type Reports struct {
	// File is what the first who asked has named.
	File string

	of   *reporter
	once sync.Once
}

// Close ends the use. The last one removes the file: what asked for reports has ended, without a crash.
func (r *Reports) Close() error {
	var err error
	r.once.Do(func() { err = r.of.leave() })

	return err
}

var process reporter //nolint:gochecknoglobals // as above

// Report makes a file that begins with head, and that Go writes the stacks of all goroutines to when it ends the process.
// Where there is one already, that stays.
func Report(file, head string) (*Reports, error) { return process.report(file, head) }

func (r *reporter) report(file, head string) (*Reports, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users == 0 {
		err := watchAborts()
		if err == nil {
			err = begin(file, head)
		}
		if err != nil {
			return nil, fmt.Errorf("making a crash report: %w", err)
		}
		r.file = file
	}
	r.users++

	return &Reports{File: r.file, of: r}, nil
}

func (r *reporter) leave() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.users--
	if r.users > 0 {
		return nil
	}
	err := debug.SetCrashOutput(nil, debug.CrashOptions{})
	// It may have been removed as the process ends.
	if removing := os.Remove(r.file); err == nil && !errors.Is(removing, fs.ErrNotExist) {
		err = removing
	}
	if err != nil {
		return fmt.Errorf("removing a crash report: %w", err)
	}

	return nil
}

func begin(file, head string) error {
	// Stacks may have data in them. Nobody else reads them.
	opened, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
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

		return err
	}
	debug.SetTraceback("all")

	return nil
}
