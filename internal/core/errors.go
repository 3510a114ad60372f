package core

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// What the core fails with.
var (
	ErrStaleHandle = errors.New("handle is stale")
	ErrClosed      = errors.New("environment is closed")
	ErrPanic       = recovery.ErrPanic
)

// errTargetStale has no words: JavaScript has them for what it called, as for a call that is refused at once.
var errTargetStale = &wire.Error{Name: "InvalidStateError", Code: wire.CodeStaleHandle}

var errTooManyHandles = &wire.Error{
	Name: "OperationError", Code: wire.CodeLimit,
	Message: fmt.Sprintf("%d tracks, transports, producers and the like are open in this thread, as many as there may be: "+
		"close or stop those that are not used", wire.MaxHandles),
}

// What a ByteTarget returns to choose its Status.
var (
	ErrTooLarge     = errors.New("message is too large")
	ErrBufferFull   = errors.New("send buffer is full")
	ErrInvalidState = errors.New("target is not in a state to do this")
)

// statusOf turns the error of a ByteTarget into a status.
func statusOf(err error) wire.Status {
	switch {
	case err == nil:
		return wire.StatusOK
	case errors.Is(err, frames.ErrSize), errors.Is(err, frames.ErrFormat):
		return wire.StatusBadArgument
	case errors.Is(err, ErrTooLarge):
		return wire.StatusTooLarge
	case errors.Is(err, ErrBufferFull), errors.Is(err, frames.ErrHeld):
		return wire.StatusBufferFull
	case errors.Is(err, ErrInvalidState):
		return wire.StatusInvalidState
	case errors.Is(err, ErrStaleHandle):
		return wire.StatusStaleHandle
	case errors.Is(err, ErrClosed):
		return wire.StatusClosed
	case errors.Is(err, ErrPanic):
		return wire.StatusPanic
	}
	var refusal *wire.Error
	if !errors.As(err, &refusal) {
		return wire.StatusFailed
	}
	switch refusal.Code {
	case wire.CodeMessageTooLarge:
		return wire.StatusTooLarge
	case wire.CodeBufferFull:
		return wire.StatusBufferFull
	case wire.CodeInvalidState, wire.CodeClosed:
		return wire.StatusInvalidState
	case wire.CodeStaleHandle:
		return wire.StatusStaleHandle
	case wire.CodeInvalidArgument:
		return wire.StatusBadArgument
	default:
		return wire.StatusFailed
	}
}

// refusalOf turns the error of a request into what JavaScript is told.
func refusalOf(err error) *wire.Error {
	var refusal *wire.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	told := &wire.Error{Name: "Error", Code: wire.CodeInternal, Message: err.Error()}
	switch {
	case errors.Is(err, ErrStaleHandle):
		told.Name, told.Code = "InvalidStateError", wire.CodeStaleHandle
	case errors.Is(err, ErrClosed):
		told.Name, told.Code = "InvalidStateError", wire.CodeClosed
	}
	if cause := errors.Unwrap(err); cause != nil {
		told.Cause = cause.Error()
	}

	return told
}
