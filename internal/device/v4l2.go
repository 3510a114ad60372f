package device

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What of V4L2 is asked here (linux/videodev2.h); the pictures are read by FFmpeg.
const (
	queryCapability   = 0x80685600
	enumerateFormats  = 0xc0405602
	enumerateSizes    = 0xc02c564a
	enumerateRates    = 0xc034564b
	captureBuffers    = 1
	canCapture        = 0x1
	hasDeviceCaps     = 0x80000000
	discreteValues    = 1
	mostModes         = 1024
	capabilitySize    = 104
	formatSize        = 64
	frameSizeSize     = 44
	frameIntervalSize = 52
)

// ioctl asks a device something; argument goes in and comes out.
type ioctl func(request uintptr, argument []byte) error

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

// describeCamera reads struct v4l2_capability, and reports whether pictures
// can be had of the file.
func describeCamera(call ioctl) (cameraDescription, bool) {
	var answer [capabilitySize]byte
	if call(queryCapability, answer[:]) != nil {
		return cameraDescription{}, false
	}
	capabilities := binary.NativeEndian.Uint32(answer[84:])
	if capabilities&hasDeviceCaps != 0 {
		// Those of this file, not of the whole device.
		capabilities = binary.NativeEndian.Uint32(answer[88:])
	}
	return cameraDescription{label: text(answer[16:48]), bus: text(answer[48:80])}, capabilities&canCapture != 0
}

// text is a C string of a device, made fit to be shown.
func text(field []byte) string {
	field, _, _ = bytes.Cut(field, []byte{0})
	return string(bytes.ToValidUTF8(field, []byte("?")))
}

// mode is one way in which a camera can be read.
type mode struct {
	// format is V4L2's code of four characters.
	format        string
	width, height int
	// rate is the highest, in pictures a second; 0 is unknown.
	rate float64
}

// cameraModes lists those of sizes that can be named; a camera that takes any
// size gives none.
func cameraModes(call ioctl) []mode {
	var modes []mode
	for format := range enumerate(call, enumerateFormats, formatSize, func(request []byte) {
		binary.NativeEndian.PutUint32(request[4:], captureBuffers)
	}) {
		code := slices.Clone(format[44:48])
		for size := range enumerate(call, enumerateSizes, frameSizeSize, func(request []byte) {
			copy(request[4:], code)
		}) {
			if binary.NativeEndian.Uint32(size[8:]) != discreteValues {
				break
			}
			m := mode{
				format: string(code),
				width:  int(binary.NativeEndian.Uint32(size[12:])),
				height: int(binary.NativeEndian.Uint32(size[16:])),
			}
			m.rate = highestRate(call, code, size[12:20])
			if modes = append(modes, m); len(modes) == mostModes {
				return modes
			}
		}
	}
	return modes
}

// highestRate reads the struct v4l2_frmivalenum of a format and a size.
func highestRate(call ioctl, code, size []byte) float64 {
	highest := 0.0
	for interval := range enumerate(call, enumerateRates, frameIntervalSize, func(request []byte) {
		copy(request[4:], code)
		copy(request[8:], size)
	}) {
		// The first of a range is the shortest.
		numerator := binary.NativeEndian.Uint32(interval[20:])
		denominator := binary.NativeEndian.Uint32(interval[24:])
		if numerator != 0 {
			highest = max(highest, float64(denominator)/float64(numerator))
		}
	}
	return highest
}

// enumerate asks for the entries of a list, from index 0, until the device says that there is none.
func enumerate(call ioctl, request uintptr, size int, fill func(argument []byte)) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for index := range uint32(mostModes) {
			argument := make([]byte, size)
			binary.NativeEndian.PutUint32(argument, index)
			fill(argument)
			if call(request, argument) != nil || !yield(argument) {
				return
			}
		}
	}
}
