package recorder

import (
	"io"
	"io/fs"
	"os"
	"time"
)

// disk is where outputs have their files; tests have one that fails.
type disk interface {
	Open(name string, flag int) (handle, error)
	Rename(from, to string) error
	Remove(name string) error
}

// handle is an open file: an os.File.
type handle interface {
	io.WriteSeeker
	io.Closer
	Name() string
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	SetWriteDeadline(at time.Time) error
}

// systemDisk is the system's.
type systemDisk struct{}

func (systemDisk) Open(name string, flag int) (handle, error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|flag, 0o666) //nolint:gosec // the app's own, for others to read
	if err != nil {
		return nil, err
	}

	return file, nil
}

func (systemDisk) Rename(from, to string) error { return os.Rename(from, to) }

func (systemDisk) Remove(name string) error { return os.Remove(name) }

// write gives a file all of b, or says why not, and of which file.
func write(to handle, b []byte) (int, error) {
	n, err := to.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err == io.ErrShortWrite { //nolint:errorlint // os.File gives it as it is, without a name
		err = &fs.PathError{Op: "write", Path: to.Name(), Err: err}
	}

	return n, err
}
