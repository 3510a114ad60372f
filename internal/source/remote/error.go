package remote

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/fetch"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// openError says in words why a URL could not be opened.
func (u *urlSource) openError(ctx context.Context, err error) error {
	var told *refusal.Error
	var option *av.OptionError
	var format *av.FormatError
	misled := u.misled()
	switch {
	case errors.As(err, &told):
		return told
	case errors.Is(err, errAbsent):
		return u.refuse(refusal.ErrTimeout, err, "names no segment that is there, for %v: check that what records it is running, or raise timeout", u.timeout)
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && misled != nil:
		return misled
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return u.refuse(refusal.ErrTimeout, err, "took longer than %v to open: check that the server is up, or raise timeout", u.timeout)
	case ctx.Err() != nil:
		return u.refuse(refusal.ErrClosed, err, "was not opened: that was cancelled")
	case errors.As(err, &option):
		return u.refuse(refusal.ErrUnsupported, err, "has no option %q: check its name with FFmpeg's documentation", option.Name)
	case errors.As(err, &format):
		return u.refuse(refusal.ErrNotSupported, err, "can't be read as format %q: expected FFmpeg's name of a demuxer, \"mpegts\" for example", format.Name)
	}
	if known := u.networkError(err); known != nil {
		return known
	}
	switch {
	case errno.Is(err, syscall.EINVAL, syscall.ERANGE):
		return u.refuse(refusal.ErrInvalid, err, "was not opened: FFmpeg does not take the value of an option, or of a part of the URL")
	case errors.Is(err, av.ErrNoDecoder):
		return u.refuse(refusal.ErrNotSupported, err, "is in a format, or needs a protocol, that this build does not have")
	case errors.Is(err, av.ErrInvalidData), u.scheme.Protocols == "":
		return u.refuse(refusal.ErrNotSupported, err, "is not media that can be read: expected a media file, a playlist or a stream; look at what the server gives")
	default:
		return u.refuse(refusal.ErrNetwork, err, "could not be opened: %v; check the address and that the server is up", refusal.ReasonOf(err))
	}
}

// readError says why a URL that was open could not be read on.
func (u *urlSource) readError(err error) error {
	var told *refusal.Error
	if errors.As(err, &told) {
		return told
	}
	if known := u.networkError(err); known != nil {
		return known
	}
	if errors.Is(err, av.ErrSequential) {
		return u.refuse(refusal.ErrNotSupported, err, "can't be played: %v; serve it with ranges, or with its index first (ffmpeg -movflags +faststart)", refusal.ReasonOf(err))
	}
	if errors.Is(err, av.ErrInvalidData) {
		return u.refuse(refusal.ErrBroken, err, "could not be read on: %v", refusal.ReasonOf(err))
	}
	return u.refuse(refusal.ErrNetwork, err, "could not be read on: %v", refusal.ReasonOf(err))
}

// lie is the cause where a server sends other packets of a kind than it says, or where all that it sends is.
type lie struct {
	kind media.Kind
	all  bool
}

func (lie) Error() string { return "the server does not send what it says" }

// unread says why nothing of a kind was read lately, of which something comes; nil where that isn't so, or isn't known. sure
// is what needs no longer wait.
func (u *urlSource) unread(kind media.Kind) (reason error, sure bool) {
	arrived, sure := u.watch.Load().arrived(kind)
	if arrived == "" {
		return nil, false
	}
	return u.misleads(lie{kind, !u.watch.Load().hopeful()}, kind.String(), arrived), sure
}

func (u *urlSource) misleads(cause lie, kind, arrived string) error {
	return u.refuse(refusal.ErrBroken, cause, "sends no %s that could be read: %s; check the settings of the server", kind, arrived)
}

// read is told of what could be read.
func (u *urlSource) read(kind media.Kind) { u.watch.Load().read(kind) }

// misled says why nothing at all is read, of which something comes.
func (u *urlSource) misled() error {
	for _, kind := range []media.Kind{media.Video, media.Audio} {
		if err, _ := u.unread(kind); err != nil {
			return err
		}
	}
	return nil
}

// networkError is nil where err isn't one of the network.
func (u *urlSource) networkError(err error) error {
	var answer *fetch.Error
	why := refusal.ReasonOf(err).Error()
	if errors.As(err, &answer) {
		why = answer.Message
	}
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	switch {
	case is(fetch.ErrPrivate):
		return u.refuse(refusal.ErrNotAllowed, err, "can't be opened: %s", why)
	case is(av.ErrRefused):
		var pointed *refusedURL
		if errors.As(err, &pointed) {
			why = pointed.Error()
		} else {
			why = "it is a playlist that points at what a URL may not open"
		}
		return u.refuse(refusal.ErrNotAllowed, err, "can't be played: %s", why)
	case is(fetch.ErrScheme, fetch.ErrRedirects):
		return u.refuse(refusal.ErrNotAllowed, err, "can't be opened: %s", why)
	case is(fetch.ErrNotFound, fs.ErrNotExist):
		if answer == nil {
			// FFmpeg's own protocols tell of a 404 like that.
			why = "the server answered 404 Not Found"
		}
		return u.refuse(refusal.ErrNotFound, err, "does not exist: %s; check its spelling", why)
	case is(fetch.ErrForbidden, av.ErrUnauthorized, av.ErrForbidden):
		return u.refuse(refusal.ErrNotAllowed, err, "may not be read: %s; check the user name and the password in the URL, or the option headers", why)
	case is(fetch.ErrUnknownHost):
		return u.refuse(refusal.ErrNetwork, err, "can't be reached: %s; check its spelling", why)
	case is(fetch.ErrRefused), errno.Is(err, syscall.ECONNREFUSED):
		return u.refuse(refusal.ErrNetwork, err, "can't be reached: the connection was refused; check the port and that the server is up")
	case is(fetch.ErrCertificate):
		return u.refuse(refusal.ErrNetwork, err, "is not trusted: %s; name the file of a private CA with the option ca_file", why)
	case is(fetch.ErrStalled, av.ErrStalled), errno.Is(err, syscall.ETIMEDOUT):
		return u.refuse(refusal.ErrTimeout, err, "sent nothing for %v: check the server and the network, or raise timeout", u.timeout)
	case is(fetch.ErrTooLarge, fetch.ErrDeclares):
		return u.refuse(refusal.ErrNotSupported, err, "can't be read: %s", why)
	case is(fetch.ErrStatus, fetch.ErrDropped, fetch.ErrChanged):
		return u.refuse(refusal.ErrNetwork, err, "can't be read: %s", why)
	case is(av.ErrServer), errno.Is(err, syscall.ECONNRESET, syscall.EPIPE, syscall.ENETUNREACH, syscall.EHOSTUNREACH,
		syscall.EADDRINUSE):
		return u.refuse(refusal.ErrNetwork, err, "can't be read: %s", why)
	default:
		return nil
	}
}

func (u *urlSource) refuse(kind, cause error, format string, arguments ...any) error {
	return &refusal.Error{Kind: kind, Cause: cause, Message: u.name + " " + fmt.Sprintf(format, arguments...)}
}
