package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// deviceError says why a device could not be opened.
func deviceError(spec Spec, err error) error {
	name := spec.deviceName()
	e := &refusal.Error{Kind: refusal.ErrBroken, Cause: err}
	var unknown *av.UnknownOptionError
	switch {
	case errors.As(err, &unknown):
		e.Kind = refusal.ErrUnsupported
		e.Message = fmt.Sprintf("option %s of %s does not exist: format %q has none of that name",
			strings.Join(unknown.Names, ", "), name, spec.Format)
	case spec.Format == formatLavfi:
		e.Kind = refusal.ErrInvalid
		e.Message = fmt.Sprintf("%s is none: expected filters that this build has, "+
			"\"testsrc2=size=640x360:rate=30\" for example; filters that read files are not among them", name)
	case spec.Format == formatScreen:
		e.Kind = refusal.ErrNotFound
		e.Message = fmt.Sprintf("%s can't be recorded: expected an X server that this process may use, "+
			"with the area inside of its screen; check DISPLAY, XAUTHORITY and the size", name)
	case errors.Is(err, device.ErrBusy), errno.Is(err, syscall.EBUSY):
		e.Message = fmt.Sprintf("%s is in use: close the program that has it (fuser %s tells which)",
			name, usedFile(spec))
	case errors.Is(err, device.ErrNotAllowed), errors.Is(err, fs.ErrPermission):
		e.Kind = refusal.ErrNotAllowed
		e.Message = fmt.Sprintf("%s may not be opened: add the user of this process to the group %q, "+
			"and give a container the device (docker run --device)", name, group(spec))
	case notThere(spec, err):
		e.Kind = refusal.ErrNotFound
		e.Message = fmt.Sprintf("%s does not exist: %s", name, known(spec.Kind))
	default:
		e.Message = fmt.Sprintf("%s could not be opened: %v; %s", name, err, known(spec.Kind))
	}
	return e
}

func notThere(spec Spec, err error) bool {
	if spec.Kind == media.Video {
		// A file that isn't a camera's answers no question.
		return errors.Is(err, fs.ErrNotExist) || errno.Is(err, syscall.ENODEV, syscall.ENXIO, syscall.ENOTTY)
	}
	return errors.Is(err, device.ErrNotFound) || errors.Is(err, device.ErrNoServer)
}

// known lists what there is instead.
func known(kind media.Kind) string {
	if list := device.Describe(device.List(), kind); list != "" {
		return "there is " + list
	}
	return fmt.Sprintf("this machine has no %s that can be seen from here", deviceWord(kind))
}

func usedFile(spec Spec) string {
	if spec.Kind == media.Video {
		return spec.Value
	}
	return "/dev/snd/*"
}

// group owns the files of devices.
func group(spec Spec) string {
	if spec.Kind == media.Video {
		return "video"
	}
	return "audio"
}

// lostError is the reason of an end because the device has gone.
func lostError(spec Spec, err error) error {
	return &refusal.Error{Kind: refusal.ErrBroken, Cause: err, Message: fmt.Sprintf(
		"%s is lost: it was unplugged, or its server ended", spec.deviceName())}
}
