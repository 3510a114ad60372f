package connectivity

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// takesSegments tells whether the system knows UDP's segmentation offload (Linux 4.18): an older one would ignore what
// asks for it.
func takesSegments(conn *net.UDPConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	known := false
	err = raw.Control(func(fd uintptr) {
		_, failure := unix.GetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_SEGMENT)
		known = failure == nil
	})

	return err == nil && known
}

// segmentsOf writes bytes as packets of size, and a last one that may be shorter.
func segmentsOf(conn *net.UDPConn, bytes []byte, size int, to netip.AddrPort) error {
	var control struct {
		header unix.Cmsghdr
		value  [8]byte
	}
	control.header.Level, control.header.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	control.header.SetLen(unix.CmsgLen(2))
	binary.NativeEndian.PutUint16(control.value[:], uint16(size)) //nolint:gosec // a packet's
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&control)), unix.CmsgSpace(2))
	_, _, err := conn.WriteMsgUDPAddrPort(bytes, raw, to)

	return err
}

// refusesSegments tells a system or a way that can't from a network that is down: hardware without checksums, packets above
// what the way takes.
func refusesSegments(err error) bool {
	for _, refusal := range []error{unix.EIO, unix.EINVAL, unix.EMSGSIZE, unix.EOPNOTSUPP, unix.ENOPROTOOPT} {
		if errors.Is(err, refusal) {
			return true
		}
	}

	return false
}
