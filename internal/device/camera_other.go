//go:build !windows

package device

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// DefaultCamera is the one that is taken where it exists.
const DefaultCamera = "/dev/video0"

// Cameras gives those that there are.
func Cameras() []Info { return camerasIn("/dev", openCamera) }

// openCamera gives the ioctl of a device's file.
func openCamera(path string) (ioctl, func(), error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	call := func(request uintptr, argument []byte) error {
		for {
			_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(&argument[0])))
			switch errno {
			case 0:
				return nil
			case unix.EINTR:
			default:
				return errno
			}
		}
	}
	return call, func() { _ = unix.Close(fd) }, nil
}
