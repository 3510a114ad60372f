package av

// #include <stdlib.h>
// #include "remote.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/cgo"
	"strings"
	"syscall"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Folder is what a file may be read from, by itself or as what a playlist names.
type Folder struct {
	// Path is absolute and without symbolic links.
	Path string
	// Root keeps what is opened inside, whatever becomes of links meanwhile. nil lets
	// nothing be opened but the file itself.
	Root *os.Root
	// Check refuses what was opened. It may read.
	Check func(file *os.File) error
}

// files is what a demuxer of a file has besides.
type files struct {
	remote remote
	cancel context.CancelFunc
	folder Folder
	// first is the file itself.
	first  string
	handle cgo.Handle
	guard  unsafe.Pointer
}

// OpenFile opens the file of that name in folder, and owns folder's Root. When ctx ends,
// opening fails.
func OpenFile(ctx context.Context, folder Folder, name string) (*Demuxer, error) {
	f := &files{folder: folder, first: filepath.Join(folder.Path, name)}
	d, err := newDemuxer()
	if err != nil {
		f.close()
		return nil, err
	}
	d.files = f
	ok := false
	defer func() { d.closeUnless(ok) }()
	f.remote.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	defer recovery.AfterFunc(ctx, "stop opening a file", func() { d.Interrupt(ErrInterrupted) })()
	f.remote.open = f.open
	f.handle = cgo.NewHandle(&f.remote)
	if f.guard = C.mscp_remote_install(formatContext(d.context), C.uintptr_t(f.handle)); f.guard == nil {
		return nil, errors.New("allocate a demuxer: out of memory")
	}
	// None of FFmpeg's own protocols: some demuxers open files past what is installed here.
	own := map[string]string{"protocol_whitelist": "none", "pattern_type": "none"}
	err = d.open("file:"+f.first, nil, Input{}, own)
	f.remote.rethrow()
	if err != nil {
		return nil, f.explain(err)
	}
	ok = true
	return d, nil
}

// open implements Opener.
func (f *files) open(_ context.Context, url string, _ map[string]string) (Resource, error) {
	path := strings.TrimPrefix(url, "file:")
	file, err := f.openPath(path)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (Resource, error) { return nil, errors.Join(err, file.Close()) }
	if f.folder.Check != nil {
		if err := f.folder.Check(file); err != nil {
			return fail(err)
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	info, err := file.Stat()
	if err != nil {
		return fail(err)
	}
	return &localFile{File: file, url: url, size: info.Size()}, nil
}

func (f *files) openPath(path string) (*os.File, error) {
	// What is no regular file must not block.
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	if f.folder.Root == nil {
		if path != f.first {
			return nil, fmt.Errorf("open a file: %w", ErrRefused)
		}
		return os.OpenFile(path, flags, 0)
	}
	const separator = string(filepath.Separator)
	path = filepath.FromSlash(path)
	inside, found := strings.CutPrefix(path, strings.TrimSuffix(f.folder.Path, separator)+separator)
	if !found {
		// Another way into the folder is fine; anything but a path ends here.
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil {
			return nil, err
		}
		if inside, err = filepath.Rel(f.folder.Path, resolved); err != nil {
			return nil, fmt.Errorf("open a file: %w", ErrRefused)
		}
	}
	file, err := f.folder.Root.OpenFile(inside, flags, 0)
	var named *os.PathError
	if errors.As(err, &named) && named.Err != nil {
		var number syscall.Errno
		if !errors.As(named.Err, &number) {
			// os.Root has no error to compare with for what leads out.
			return nil, fmt.Errorf("open a file: %w", ErrRefused)
		}
	}
	return file, err
}

// explain tells why FFmpeg failed where it was Go that let it.
func (f *files) explain(err error) error {
	switch {
	case f == nil, err == nil, errors.Is(err, ErrAgain), errors.Is(err, io.EOF):
		return err
	case f.remote.refused != nil:
		return fmt.Errorf("read a file: %w", f.remote.refused)
	case f.remote.failure != nil && f.remote.ctx.Err() == nil:
		return fmt.Errorf("read a file: %w", f.remote.failure)
	default:
		return err
	}
}

func (f *files) rethrow() {
	if f != nil {
		f.remote.rethrow()
	}
}

// keep takes from a context what closing it would free as one of FFmpeg's own.
func (f *files) keep(c *C.AVFormatContext) *C.AVIOContext {
	if f == nil || c.pb == nil {
		return nil
	}
	c.flags |= C.AVFMT_FLAG_CUSTOM_IO
	return c.pb
}

func (f *files) close() {
	if f.cancel != nil {
		f.cancel()
	}
	C.mscp_remote_release(f.guard)
	f.guard = nil
	if f.handle != 0 {
		f.handle.Delete()
		f.handle = 0
	}
	if f.folder.Root != nil {
		_ = f.folder.Root.Close()
	}
}

// localFile implements Resource.
type localFile struct {
	*os.File
	url  string
	size int64
}

func (f *localFile) Size() int64 {
	// It may be written still.
	if info, err := f.Stat(); err == nil {
		f.size = info.Size()
	}
	return f.size
}

func (f *localFile) Seekable() bool { return true }

// Location is what a playlist's names are relative to.
func (f *localFile) Location() string { return f.url }
