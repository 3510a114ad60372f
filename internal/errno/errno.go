// Package errno knows what a system refuses with by POSIX's names, whatever numbers the system has for them: only Windows
// has others. What to do about it is not told here.
package errno

import (
	"errors"
	"slices"
	"syscall"
)

// Is tells whether err is one of these refusals.
func Is(err error, names ...syscall.Errno) bool {
	var number syscall.Errno
	found := errors.As(err, &number)
	for _, name := range names {
		if errors.Is(err, name) || found && slices.Contains(numbers[name], number) {
			return true
		}
	}

	return false
}
