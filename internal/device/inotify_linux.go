package device

import (
	"os"

	"golang.org/x/sys/unix"
)

// watchFolders gives a file that has something to read when one of the folders'
// entries comes, goes, or gets other permissions (inotify(7)).
func watchFolders(folders ...string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	for _, folder := range existing(folders) {
		if _, err := unix.InotifyAddWatch(fd, folder, unix.IN_CREATE|unix.IN_DELETE|unix.IN_ATTRIB); err != nil {
			_ = unix.Close(fd)
			return nil, os.NewSyscallError("inotify_add_watch", err)
		}
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}
