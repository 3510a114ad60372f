package core

import (
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// FrameSource is an object that frames come from.
type FrameSource interface {
	// TakeFrame gives a frame, whose reference is the caller's, or nil; an event tells of the next then. It must not block.
	TakeFrame() (*frames.Frame, error)
}

// FrameTarget is an object that takes frames.
type FrameTarget interface {
	// WriteFrame borrows f for the call. It must not block: ErrBufferFull says that an event tells of room.
	WriteFrame(f *frames.Frame) error
}

// Limits of the frames that JavaScript may hold at once in an environment.
const (
	mostHeldFrames     = 1 << 16
	mostHeldFrameBytes = 2 << 30
)

// held are the frames of an environment that JavaScript holds.
type held struct {
	mu     sync.Mutex
	last   float64
	frames map[uint64]*frames.Frame
	bytes  float64
	closed bool
}

func newHeld() *held { return &held{frames: make(map[uint64]*frames.Frame)} }

// add takes over the caller's reference, unless it fails.
func (h *held) add(f *frames.Frame) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return ErrClosed
	case len(h.frames) >= mostHeldFrames || h.bytes+f.Size > mostHeldFrameBytes:
		return ErrBufferFull
	}
	h.last++
	f.Token = h.last
	h.frames[uint64(h.last)] = f
	h.bytes += f.Size

	return nil
}

// borrow gives a frame with a reference for the caller, or nil.
func (h *held) borrow(token uint64) *frames.Frame {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.frames[token]
	if f == nil {
		return nil
	}

	return f.Retain()
}

// remove gives back the reference that add took, or nil.
func (h *held) remove(token uint64) *frames.Frame {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.frames[token]
	if f == nil {
		return nil
	}
	delete(h.frames, token)
	h.bytes -= f.Size

	return f
}

func (h *held) close() {
	h.mu.Lock()
	all := h.frames
	h.frames, h.bytes, h.closed = nil, 0, true
	h.mu.Unlock()
	for _, f := range all {
		f.Release()
	}
}

// TakeFrame takes the next frame of a handle. With Token 0 in head there is none, and an event tells of the next.
func (e *Env) TakeFrame(handle uint64, head *frames.Head) wire.Status {
	*head = frames.Head{}
	source, found, status := objectOf[FrameSource](e, handle)
	if status != wire.StatusOK {
		return status
	}
	var f *frames.Frame
	err := e.guarded(found, func() (err error) {
		f, err = source.TakeFrame()

		return err
	})
	if err != nil || f == nil {
		return statusOf(err)
	}

	return e.hold(f, head)
}

// hold gives JavaScript the caller's reference of f.
func (e *Env) hold(f *frames.Frame, head *frames.Head) wire.Status {
	if err := e.held.add(f); err != nil {
		f.Release()

		return statusOf(err)
	}
	*head = f.Head

	return wire.StatusOK
}

// MakeFrame copies data, whose planes lie as head says, and completes head.
func (e *Env) MakeFrame(head *frames.Head, data []byte) wire.Status {
	if e.closed.Load() {
		return wire.StatusClosed
	}
	f, err := frames.Copy(*head, data)
	if err != nil {
		return statusOf(err)
	}

	return e.hold(f, head)
}

// BorrowFrame gives a frame that JavaScript holds, with a reference for the caller, or nil.
func (e *Env) BorrowFrame(token uint64) *frames.Frame { return e.held.borrow(token) }

// CopyFrame copies what part asks for of a frame into room, converted if it has another format.
func (e *Env) CopyFrame(token uint64, part *frames.Head, room []byte) wire.Status {
	f := e.held.borrow(token)
	if f == nil {
		return wire.StatusStaleHandle
	}
	defer f.Release()

	return statusOf(e.guarded(nil, func() error {
		if f.Kind != frames.KindVideo || part.Format == f.Format || part.Format == 0 {
			return f.CopyPart(part, room)
		}
		if e.registry.ConvertFrame == nil {
			return frames.ErrFormat
		}

		return e.registry.ConvertFrame(f, part, room)
	}))
}

// WriteFrame gives a frame that JavaScript holds to a handle, as head describes it.
func (e *Env) WriteFrame(handle, token uint64, head *frames.Head) wire.Status {
	taker, found, status := objectOf[FrameTarget](e, handle)
	if status != wire.StatusOK {
		return status
	}
	borrowed := e.held.borrow(token)
	if borrowed == nil {
		return wire.StatusStaleHandle
	}
	defer borrowed.Release()
	again, err := borrowed.Part(*head)
	if err != nil {
		return statusOf(err)
	}
	defer again.Release()

	return statusOf(e.guarded(found, func() error { return taker.WriteFrame(again) }))
}

// ReleaseFrame ends JavaScript's hold of a frame.
func (e *Env) ReleaseFrame(token uint64) wire.Status {
	f := e.held.remove(token)
	if f == nil {
		return wire.StatusStaleHandle
	}
	f.Release()

	return wire.StatusOK
}
