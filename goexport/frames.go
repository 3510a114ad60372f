package main

// #include "abi.h"
import "C"

import (
	"runtime"
	"runtime/cgo"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// mscp_frame is frames.Head.
var _ [unsafe.Sizeof(frames.Head{}) - C.sizeof_mscp_frame]struct{} = [0]struct{}{}

func headOf(frame *C.mscp_frame) *frames.Head { return (*frames.Head)(unsafe.Pointer(frame)) }

//export mscpFrameTake
func mscpFrameTake(env C.mscp_env, handle C.uint64_t, frame *C.mscp_frame) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		if frame == nil {
			return wire.StatusBadArgument
		}

		return e.TakeFrame(uint64(handle), headOf(frame))
	})
}

//export mscpFrameMake
func mscpFrameMake(env C.mscp_env, frame *C.mscp_frame, data *C.uint8_t, length C.size_t) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		bytes, ok := borrow(data, length)
		if !ok || frame == nil {
			return wire.StatusBadArgument
		}

		return e.MakeFrame(headOf(frame), bytes)
	})
}

//export mscpFrameCopy
func mscpFrameCopy(
	env C.mscp_env, token C.uint64_t, part *C.mscp_frame, room *C.uint8_t, length C.size_t,
) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		bytes, ok := borrow(room, length)
		if !ok || part == nil {
			return wire.StatusBadArgument
		}

		return e.CopyFrame(uint64(token), headOf(part), bytes)
	})
}

//export mscpFrameWrite
func mscpFrameWrite(env C.mscp_env, handle, token C.uint64_t, frame *C.mscp_frame) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		if frame == nil {
			return wire.StatusBadArgument
		}

		return e.WriteFrame(uint64(handle), uint64(token), headOf(frame))
	})
}

//export mscpFrameRelease
func mscpFrameRelease(env C.mscp_env, token C.uint64_t) C.int32_t {
	return in(env, func(e *environment) wire.Status { return e.ReleaseFrame(uint64(token)) })
}

// loan keeps a plane where it is, and what it belongs to.
type loan struct {
	frame *frames.Frame
	// counted is where it is counted, with its bytes.
	counted *core.Lent
	bytes   int
	// pin is of planes that are Go's memory.
	pin runtime.Pinner
}

//export mscpFrameLend
func mscpFrameLend(env C.mscp_env, token C.uint64_t, plane C.uint32_t, lent *C.mscp_plane) C.int32_t {
	return in(env, func(e *environment) wire.Status {
		if lent == nil {
			return wire.StatusBadArgument
		}
		frame := e.BorrowFrame(uint64(token))
		if frame == nil {
			return wire.StatusStaleHandle
		}
		if int(plane) >= len(frame.Planes) || len(frame.Planes[plane]) == 0 {
			frame.Release()

			return wire.StatusBadArgument
		}
		l := &loan{frame: frame, counted: e.Lent(), bytes: len(frame.Planes[plane])}
		l.counted.Lend(l.bytes)
		first := unsafe.SliceData(frame.Planes[plane])
		l.pin.Pin(first)
		lent.data = (*C.uint8_t)(unsafe.Pointer(first))
		lent.length = C.size_t(l.bytes)
		lent.loan = C.uint64_t(cgo.NewHandle(l))

		return wire.StatusOK
	})
}

// What is lent outlives its environment: JavaScript's memory is given back when its thread ends, or later.
//
//export mscpFrameReturn
func mscpFrameReturn(number C.uint64_t) {
	var status C.int32_t
	defer recovered(&status)
	handle := cgo.Handle(number)
	l, ok := handle.Value().(*loan)
	if !ok {
		return
	}
	handle.Delete()
	l.pin.Unpin()
	l.frame.Release()
	l.counted.Return(l.bytes)
}
