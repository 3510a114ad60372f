package service

import (
	"errors"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recorder"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// kinds says as what JavaScript sees an error of the packages below. The first
// that matches counts.
var kinds = []struct {
	err        error
	name, code string
}{
	{source.ErrInvalid, "TypeError", wire.CodeInvalidArgument},
	{source.ErrNotFound, "NotFoundError", wire.CodeNotFound},
	{source.ErrNotAllowed, "NotAllowedError", wire.CodeNotAllowed},
	{source.ErrNotSupported, "NotSupportedError", wire.CodeNotSupported},
	{source.ErrUnsupported, "UnsupportedError", wire.CodeUnsupported},
	{source.ErrBroken, "NotReadableError", wire.CodeMedia},
	{source.ErrNetwork, "NetworkError", wire.CodeNetwork},
	{source.ErrTimeout, "TimeoutError", wire.CodeTimeout},
	{source.ErrOverconstrained, "OverconstrainedError", wire.CodeOverconstrained},
	{source.ErrClosed, "InvalidStateError", wire.CodeClosed},

	{media.ErrTrackEnded, "InvalidStateError", wire.CodeInvalidState},
	{media.ErrCodecUnavailable, "NotSupportedError", wire.CodeNotSupported},
	{codec.ErrUnknownCodec, "NotSupportedError", wire.CodeNotSupported},

	{peer.ErrClosed, "InvalidStateError", wire.CodeClosed},
	{peer.ErrNotOpen, "InvalidStateError", wire.CodeInvalidState},
	{peer.ErrInvalidState, "InvalidStateError", wire.CodeInvalidState},
	{peer.ErrInvalidArgument, "TypeError", wire.CodeInvalidArgument},
	{peer.ErrUnsupportedCodec, "NotSupportedError", wire.CodeNotSupported},
	{peer.ErrMessageTooLarge, "TypeError", wire.CodeMessageTooLarge},
	{peer.ErrBufferFull, "OperationError", wire.CodeBufferFull},

	{recorder.ErrContainer, "NotSupportedError", wire.CodeNotSupported},
	{recorder.ErrNotFound, "NotFoundError", wire.CodeNotFound},
	{recorder.ErrNotAllowed, "NotAllowedError", wire.CodeNotAllowed},
	{recorder.ErrAborted, "InvalidStateError", wire.CodeClosed},
	{recorder.ErrOutput, "OperationError", wire.CodeMedia},

	{sink.ErrOptions, "TypeError", wire.CodeInvalidArgument},
	{sink.ErrUnreadable, "NotSupportedError", wire.CodeNotSupported},

	{errWorkerClosed, "InvalidStateError", wire.CodeClosed},
}

// refusal turns an error into what JavaScript is told of it; nil stays nil.
func refusal(err error) error {
	if err == nil {
		return nil
	}

	return asWireError(err)
}

func asWireError(err error) *wire.Error {
	var told *wire.Error
	if errors.As(err, &told) {
		return told
	}
	told = &wire.Error{Name: "Error", Code: wire.CodeInternal, Message: err.Error()}
	for _, kind := range kinds {
		if errors.Is(err, kind.err) {
			told.Name, told.Code = kind.name, kind.code

			break
		}
	}
	if cause := errors.Unwrap(err); cause != nil {
		told.Cause = cause.Error()
	}
	if cure := cureOf(err); cure != "" {
		told.Message += ": " + cure
	}
	var refused *source.Error
	if errors.As(err, &refused) {
		told.Constraint = refused.Constraint
		if refused.Cause != nil {
			told.Cause = refused.Cause.Error()
		}
	}

	return told
}

// cureOf is what to do where the system has no more to give; empty of all else.
func cureOf(err error) string {
	switch {
	case errno.Is(err, syscall.EMFILE):
		return "this process may have no more files and sockets open (raise its limit: ulimit -n, LimitNOFILE=)"
	case errno.Is(err, syscall.ENFILE):
		return "the system has no more files to give (raise fs.file-max)"
	default:
		return ""
	}
}
