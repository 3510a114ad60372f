package device

import "errors"

// What opening a device fails with.
var (
	// ErrNotFound is a device that isn't there.
	ErrNotFound = errors.New("device not found")
	// ErrNotAllowed is a device that this process may not open.
	ErrNotAllowed = errors.New("device may not be opened")
	// ErrBusy is a device that somebody else uses.
	ErrBusy = errors.New("device is in use")
	// ErrFailed is a device, or a server of devices, that doesn't work.
	ErrFailed = errors.New("device doesn't work")
	// ErrNoServer is a server of devices that isn't there, or its library.
	ErrNoServer = errors.New("no such server of devices")
	// ErrLost is a device that was there, and is no more.
	ErrLost = errors.New("device was unplugged, or its server has gone")
)
