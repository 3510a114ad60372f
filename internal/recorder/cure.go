package recorder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
)

// failed is why an output failed, and what to do about it. What the process or the system has no more of is told of
// where errors become messages.
func failed(err error) error {
	if cure := cureOf(err); cure != "" {
		return fmt.Errorf("%w: %w: %s", ErrOutput, err, cure)
	}

	return fmt.Errorf("%w: %w", ErrOutput, err)
}

func cureOf(err error) string {
	is := func(names ...syscall.Errno) bool { return errno.Is(err, names...) }
	switch {
	case is(syscall.ENOSPC):
		return "make room on that disk, or record to another"
	case is(syscall.EDQUOT):
		return "raise the quota of the user there, or make room"
	case is(syscall.EFBIG):
		return "raise the process's limit of a file's size (ulimit -f, LimitFSIZE=), or record to a file system that takes larger ones"
	case is(syscall.EPIPE):
		return "what reads the pipe has closed it, and is to read until the recording has ended"
	case is(syscall.ENXIO):
		return "open the pipe for reading before, or see whether the device is there"
	case is(syscall.EIO, syscall.ENODEV, syscall.ESTALE), errors.Is(err, io.ErrShortWrite):
		return "check that disk and its connection (dmesg tells of faults), or record to another"
	case is(syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return "let this process's user write there, or record elsewhere"
	case is(syscall.EISDIR, syscall.EEXIST, syscall.ENOTEMPTY):
		return "take away what is there, or record under another name"
	case is(syscall.ENOTDIR), errors.Is(err, fs.ErrNotExist):
		return "leave the folder where it is until the recording has ended"
	default:
		return ""
	}
}
