package errno

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// numbers are those of Windows and of its sockets, for a name that Go has made up a number for.
var numbers = map[syscall.Errno][]syscall.Errno{
	syscall.EADDRINUSE:   {windows.WSAEADDRINUSE},
	syscall.EBUSY:        {windows.ERROR_BUSY, windows.ERROR_SHARING_VIOLATION},
	syscall.ECONNREFUSED: {windows.WSAECONNREFUSED, windows.ERROR_CONNECTION_REFUSED},
	syscall.ECONNRESET:   {windows.WSAECONNRESET, windows.ERROR_NETNAME_DELETED},
	syscall.EDQUOT:       {windows.ERROR_DISK_QUOTA_EXCEEDED},
	syscall.EFBIG:        {windows.ERROR_FILE_TOO_LARGE},
	syscall.EHOSTUNREACH: {windows.WSAEHOSTUNREACH, windows.ERROR_HOST_UNREACHABLE},
	syscall.EIO:          {windows.ERROR_IO_DEVICE, windows.ERROR_CRC, windows.ERROR_READ_FAULT, windows.ERROR_WRITE_FAULT},
	syscall.EMFILE:       {windows.ERROR_TOO_MANY_OPEN_FILES, windows.WSAEMFILE},
	syscall.ENETUNREACH:  {windows.WSAENETUNREACH, windows.ERROR_NETWORK_UNREACHABLE},
	syscall.ENODEV:       {windows.ERROR_DEV_NOT_EXIST, windows.ERROR_DEVICE_NOT_CONNECTED},
	syscall.ENOSPC:       {windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL},
	syscall.ENOTDIR:      {windows.ERROR_DIRECTORY},
	syscall.EPIPE:        {windows.ERROR_BROKEN_PIPE, windows.ERROR_NO_DATA},
	syscall.EROFS:        {windows.ERROR_WRITE_PROTECT},
	syscall.ETIMEDOUT:    {windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT},
}

// ofC are the numbers of mingw-w64's errno.h, as far as callers tell them apart.
var ofC = map[int]syscall.Errno{
	2: syscall.ENOENT, 5: syscall.EIO, 6: syscall.ENXIO, 12: syscall.ENOMEM, 13: syscall.EACCES, 16: syscall.EBUSY,
	17: syscall.EEXIST, 19: syscall.ENODEV, 20: syscall.ENOTDIR, 21: syscall.EISDIR, 22: syscall.EINVAL, 23: syscall.ENFILE,
	24: syscall.EMFILE, 25: syscall.ENOTTY, 27: syscall.EFBIG, 28: syscall.ENOSPC, 30: syscall.EROFS, 32: syscall.EPIPE,
	34: syscall.ERANGE, 40: syscall.ENOSYS, 100: syscall.EADDRINUSE, 107: syscall.ECONNREFUSED, 108: syscall.ECONNRESET,
	110: syscall.EHOSTUNREACH, 118: syscall.ENETUNREACH, 138: syscall.ETIMEDOUT,
}

// FromC gives a number of C's errno.h its name. What FFmpeg hands on of Windows' sockets stays what it is.
func FromC(number int) error {
	if name, found := ofC[number]; found {
		return name
	}

	return syscall.Errno(number) //nolint:gosec // it is what C has
}
