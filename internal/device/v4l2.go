package device

import (
	"bytes"
	"encoding/binary"
	"slices"
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

// cameraModes lists those of a camera, with V4L2's code of four characters for a
// format. Of sizes and rates that can be any, the one nearest to the wanted is listed.
func cameraModes(call ioctl, wanted Mode) []Mode {
	var modes []Mode
	for format := range enumerate(call, enumerateFormats, formatSize, func(request []byte) {
		binary.NativeEndian.PutUint32(request[4:], captureBuffers)
	}) {
		code := slices.Clone(format[44:48])
		for size := range enumerate(call, enumerateSizes, frameSizeSize, func(request []byte) {
			copy(request[4:], code)
		}) {
			discrete := binary.NativeEndian.Uint32(size[8:]) == discreteValues
			if !discrete {
				width, height := nearestSize(size[12:24], wanted.Width), nearestSize(size[24:36], wanted.Height)
				binary.NativeEndian.PutUint32(size[12:], width)
				binary.NativeEndian.PutUint32(size[16:], height)
			}
			m := Mode{
				Format: string(code),
				Width:  int(binary.NativeEndian.Uint32(size[12:])),
				Height: int(binary.NativeEndian.Uint32(size[16:])),
			}
			for _, m.Rate = range cameraRates(call, code, size[12:20], wanted.Rate) {
				if modes = append(modes, m); len(modes) == mostModes {
					return modes
				}
			}
			if !discrete {
				break
			}
		}
	}
	return modes
}

// nearestSize reads the least, the most and the step of struct v4l2_frmsize_stepwise.
func nearestSize(field []byte, wanted int) uint32 {
	least, most := binary.NativeEndian.Uint32(field), binary.NativeEndian.Uint32(field[4:])
	step := max(binary.NativeEndian.Uint32(field[8:]), 1)
	size := min(max(uint32(wanted), least), most)
	if size < least {
		return 0
	}
	return size - (size-least)%step
}

// cameraRates reads the struct v4l2_frmivalenum of a format and a size. A camera that
// tells none has one, which is unknown: 0.
func cameraRates(call ioctl, code, size []byte, wanted float64) []float64 {
	var rates []float64
	for interval := range enumerate(call, enumerateRates, frameIntervalSize, func(request []byte) {
		copy(request[4:], code)
		copy(request[8:], size)
	}) {
		// The first of a range is the shortest.
		rate := perSecond(interval[20:])
		if rate == 0 {
			continue
		}
		if binary.NativeEndian.Uint32(interval[16:]) != discreteValues {
			rates = append(rates, min(max(wanted, perSecond(interval[28:])), rate))
			break
		}
		rates = append(rates, rate)
	}
	if len(rates) == 0 {
		return []float64{0}
	}
	return rates
}

// perSecond reads an interval, a struct v4l2_fract; 0 is none.
func perSecond(field []byte) float64 {
	numerator, denominator := binary.NativeEndian.Uint32(field), binary.NativeEndian.Uint32(field[4:])
	if numerator == 0 {
		return 0
	}
	return float64(denominator) / float64(numerator)
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
