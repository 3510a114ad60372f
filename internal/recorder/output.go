package recorder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
)

// Output is where a recording goes. Its methods are called on one goroutine.
type Output interface {
	io.WriteCloser
	// Flush is called where what was written plays: asked says that it was asked for.
	Flush(asked bool) error
}

// file is an Output on disk.
type file struct {
	handle
	// whole is up to where it plays.
	whole int64
}

func (f *file) Write(b []byte) (int, error) { return write(f.handle, b) }

func (f *file) Flush(bool) error {
	whole, err := f.Seek(0, io.SeekCurrent)
	if err == nil {
		f.whole = whole
	}

	return err
}

// salvage takes away what is there of a part that could not be written whole.
func (f *file) salvage() { _ = f.Truncate(f.whole) }

// mostStalled is how long the reader of a pipe may hold up the end of a recording.
const mostStalled = 5 * time.Second

// pipe hides that os.File could seek.
type pipe struct{ file handle }

func (p pipe) Flush(bool) error                    { return nil }
func (p pipe) Close() error                        { return p.file.Close() }
func (p pipe) SetWriteDeadline(at time.Time) error { return p.file.SetWriteDeadline(at) }

func (p pipe) Write(b []byte) (int, error) {
	n, err := write(p.file, b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("the reader of the pipe took nothing for %v after the end: %w", mostStalled, err)
	}

	return n, err
}

// Create makes a file, in the place of one that is there, or writes to a pipe or a device.
func Create(path string) (Output, error) { return createOn(systemDisk{}, path) }

func createOn(on disk, path string) (Output, error) {
	// Of a pipe that nobody reads it fails, where it would wait.
	f, err := on.Open(path, os.O_TRUNC|syscall.O_NONBLOCK)
	if err != nil {
		return nil, refused(err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return pipe{f}, nil
	}

	return &file{handle: f}, nil
}

// refused is why a file can't be made.
func refused(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errno.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrNotAllowed, err)
	default:
		return failed(err)
	}
}
