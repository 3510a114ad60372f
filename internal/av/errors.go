package av

// #include <errno.h>
// #include "remote.h"
import "C"

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
)

// What FFmpeg fails with, as far as callers tell the cases apart.
var (
	// ErrAgain is no failure: more input is needed first.
	ErrAgain = errors.New("more input is needed")
	// ErrInvalidData is input that isn't what it should be.
	ErrInvalidData = errors.New("invalid data found when processing input")
	// ErrNoDecoder is a codec or format that this build of FFmpeg doesn't have.
	ErrNoDecoder = errors.New("not built into FFmpeg")
	// ErrRefused is a file that must not be opened from here.
	ErrRefused = errors.New("refused to open a file outside of the folder")
	// ErrInterrupted is an operation that was cut short.
	ErrInterrupted = errors.New("interrupted")
	// ErrStalled is a URL that gave nothing for too long.
	ErrStalled = errors.New("nothing came for too long")
	// ErrUnauthorized and ErrForbidden are what a server answers who may not have it.
	ErrUnauthorized = errors.New("the server asks for a user name and a password, or refuses those given")
	ErrForbidden    = errors.New("the server does not allow it")
	// ErrServer is a server that answers anything else than what was asked for.
	ErrServer = errors.New("the server answered with an error")
	// ErrSequential is a file with its index at the end, on a server without ranges.
	ErrSequential = errors.New("the server gives it from the beginning only, and its index is at the end")
	// ErrOnce is what can't be opened again.
	ErrOnce = errors.New("it can be read once only")
	// ErrUnspecified is FFmpeg's -1, where it does not say what is wrong.
	ErrUnspecified = errors.New("FFmpeg gives no reason")
	// ErrClosed is a use after Close.
	ErrClosed = errors.New("closed")
)

// guardRefused is what a demuxer gets that may not open what it asks for.
const guardRefused = C.MSCP_REFUSED

// failure gives FFmpeg's err a sentinel, and says what was being done. EOF and
// ErrAgain, which control loops, come bare.
func failure(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, astiav.ErrEof):
		return io.EOF
	case errors.Is(err, astiav.ErrEagain):
		return ErrAgain
	case errors.Is(err, astiav.ErrInvaliddata):
		err = ErrInvalidData
	case errors.Is(err, astiav.Error(guardRefused)):
		err = ErrRefused
	case errors.Is(err, astiav.ErrEperm):
		err = ErrUnspecified
	case errors.Is(err, astiav.Error(-C.ENOENT)):
		err = fs.ErrNotExist
	case errors.Is(err, astiav.ErrExit):
		err = ErrInterrupted
	case errors.Is(err, astiav.ErrDecoderNotFound), errors.Is(err, astiav.ErrDemuxerNotFound),
		errors.Is(err, astiav.ErrProtocolNotFound):
		err = ErrNoDecoder
	case errors.Is(err, astiav.ErrHttpUnauthorized):
		err = ErrUnauthorized
	case errors.Is(err, astiav.ErrHttpForbidden):
		err = ErrForbidden
	case errors.Is(err, astiav.ErrHttpNotFound):
		err = fs.ErrNotExist
	case errors.Is(err, astiav.ErrHttpBadRequest), errors.Is(err, astiav.ErrHttpOther4Xx),
		errors.Is(err, astiav.ErrHttpServerError):
		err = ErrServer
	default:
		err = systemError(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// systemError gives the number with which the system refused back its name.
func systemError(err error) error {
	// Windows' sockets count from 10,000.
	const largestErrno = 1 << 14
	if code, ok := err.(astiav.Error); ok && code < 0 && code > -largestErrno { //nolint:errorlint // it comes bare
		return errno.FromC(int(-code))
	}
	return err
}
