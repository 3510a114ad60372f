package av

// #include <errno.h>
// #include <libavutil/dict.h>
// #include <stdlib.h>
// #include "remote.h"
import "C"

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"runtime/cgo"
	"time"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Opener opens a URL for a demuxer: the one that it was opened with, and those
// that this one points at. options are FFmpeg's for it: offset, end_offset, key,
// iv. What it opens ends with ctx. Its errors are what the demuxer fails with.
type Opener func(ctx context.Context, url string, options map[string]string) (Resource, error)

// Resource is what an Opener opened. Its methods are called one at a time.
type Resource interface {
	io.ReadSeekCloser
	// Size is -1 where it isn't known.
	Size() int64
	Seekable() bool
	// Location is the URL that redirects led to.
	Location() string
}

// remote is what C calls back for a demuxer, all on the goroutine that called C.
type remote struct {
	ctx  context.Context
	open Opener
	// due is when what is being read has stalled, if it is bounded; stalled ends it.
	due     time.Time
	stalled func()
	// failure is of the last operation; a success or an end clears it.
	failure error
	// refused is the first URL that may not be opened: FFmpeg goes on without it.
	refused error
	// panicked is what a callback panicked with, to go on in Go.
	panicked any
}

// opened is one AVIOContext of a remote.
type opened struct {
	remote   *remote
	resource Resource
}

// guarded runs a callback: C code must not see a panic.
func (r *remote) guarded(f func() C.int64_t) (result C.int64_t) {
	defer func() {
		if reason := recover(); reason != nil {
			r.panicked = reason
			result = C.int64_t(C.AVERROR_EXTERNAL)
		}
	}()
	recovery.Enter(r.ctx, "a callback of FFmpeg")
	return f()
}

// rethrow lets a panic go on.
func (r *remote) rethrow() {
	if r != nil && r.panicked != nil {
		reason := r.panicked
		r.panicked = nil
		panic(reason)
	}
}

// fail remembers err and gives FFmpeg's number for it.
func (r *remote) fail(err error) C.int64_t {
	if errors.Is(err, ErrRefused) && r.refused == nil {
		r.refused = err
	}
	r.failure = err
	if !r.due.IsZero() && !time.Now().Before(r.due) {
		// A resource may have a bound of its own, which must not decide by being told first: a playlist goes on without it.
		r.stalled()
	}
	switch {
	case r.ctx.Err() != nil:
		return C.int64_t(C.AVERROR_EXIT)
	case errors.Is(err, fs.ErrNotExist):
		return -C.int64_t(C.ENOENT)
	default:
		return -C.int64_t(C.EIO)
	}
}

// io opens url as an AVIOContext.
func (r *remote) io(url string, options map[string]string) (*C.AVIOContext, error) {
	resource, err := r.open(r.ctx, url, options)
	if err != nil {
		return nil, err
	}
	seekable := C.int(0)
	if resource.Seekable() {
		seekable = 1
	}
	location := C.CString(resource.Location())
	defer C.free(unsafe.Pointer(location))
	handle := cgo.NewHandle(&opened{remote: r, resource: resource})
	io := C.mscp_remote_io(C.uintptr_t(handle), seekable, location)
	if io == nil {
		handle.Delete()
		_ = resource.Close()
		return nil, errors.New("open a URL: out of memory")
	}
	return io, nil
}

//export mscpRemoteOpen
func mscpRemoteOpen(handle C.uintptr_t, io **C.AVIOContext, url *C.char, options *C.AVDictionary) C.int {
	r, ok := cgo.Handle(handle).Value().(*remote)
	if !ok {
		return C.AVERROR_BUG
	}
	return C.int(r.guarded(func() C.int64_t {
		opened, err := r.io(C.GoString(url), dictionary(options))
		if err != nil {
			return r.fail(err)
		}
		r.failure = nil
		*io = opened
		return 0
	}))
}

//export mscpRemoteRead
func mscpRemoteRead(handle C.uintptr_t, buffer *C.uint8_t, size C.int) C.int {
	o, ok := cgo.Handle(handle).Value().(*opened)
	if !ok || size <= 0 {
		return C.AVERROR_BUG
	}
	return C.int(o.remote.guarded(func() C.int64_t {
		if err := o.remote.ctx.Err(); err != nil {
			return o.remote.fail(err)
		}
		n, err := o.resource.Read(unsafe.Slice((*byte)(unsafe.Pointer(buffer)), int(size)))
		switch {
		case n > 0:
			o.remote.failure = nil
			return C.int64_t(n)
		case errors.Is(err, io.EOF):
			o.remote.failure = nil
			return C.int64_t(C.AVERROR_EOF)
		default:
			return o.remote.fail(err)
		}
	}))
}

//export mscpRemoteSeek
func mscpRemoteSeek(handle C.uintptr_t, offset C.int64_t, whence C.int) C.int64_t {
	o, ok := cgo.Handle(handle).Value().(*opened)
	if !ok {
		return C.int64_t(C.AVERROR_BUG)
	}
	return o.remote.guarded(func() C.int64_t {
		if whence == C.AVSEEK_SIZE {
			if size := o.resource.Size(); size >= 0 {
				return C.int64_t(size)
			}
			return -C.int64_t(C.ENOSYS)
		}
		position, err := o.resource.Seek(int64(offset), int(whence))
		if err != nil {
			return -C.int64_t(C.ENOSYS)
		}
		return C.int64_t(position)
	})
}

//export mscpRemoteClose
func mscpRemoteClose(handle C.uintptr_t) {
	o, ok := cgo.Handle(handle).Value().(*opened)
	if !ok {
		return
	}
	cgo.Handle(handle).Delete()
	o.remote.guarded(func() C.int64_t {
		_ = o.resource.Close()
		return 0
	})
}

// dictionary copies FFmpeg's.
func dictionary(options *C.AVDictionary) map[string]string {
	all := make(map[string]string)
	for entry := C.av_dict_iterate(options, nil); entry != nil; entry = C.av_dict_iterate(options, entry) {
		all[C.GoString(entry.key)] = C.GoString(entry.value)
	}
	return all
}
