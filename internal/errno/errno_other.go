//go:build !windows

package errno

import "syscall"

// numbers are none: the names are the numbers.
var numbers map[syscall.Errno][]syscall.Errno

// FromC gives a number of C's errno.h its name.
func FromC(number int) error { return syscall.Errno(number) }
