// Package nvenc encodes H264 constrained baseline in NVIDIA's hardware, by FFmpeg, which loads the driver at run time. It has
// not been tried with a device: the tests bring a library that stands for the driver.
package nvenc

// #cgo pkg-config: libavcodec libavutil
// #cgo linux LDFLAGS: -ldl
// #include "bridge.h"
// #include <errno.h>
// #include <libavutil/error.h>
import "C"

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Name of the implementation in statistics.
const Name = "NVENC"

var errClosed = errors.New("NVENC encoder is closed")

// Options of an encoder. Sizes are even.
type Options struct {
	Width, Height int
	Framerate     float64
	// Bitrate in bits a second.
	Bitrate int
}

// Encoder is one of pictures of one size. Not safe for concurrent use.
type Encoder struct {
	c             *C.mscp_nvenc
	width, height int
	last          int64
	rate          rate
}

// New makes an encoder; Close releases it.
func New(o Options) (*Encoder, error) {
	if missing := C.mscp_nvenc_missing(); missing != nil {
		return nil, fmt.Errorf("%s cannot be loaded: install the driver of NVIDIA, and in a container give it the device",
			C.GoString(missing))
	}
	options := C.mscp_nvenc_options{
		width: C.int(o.Width), height: C.int(o.Height), bitrate: C.int(clamp(o.Bitrate)), framerate: C.double(o.Framerate),
	}
	var code C.int
	c := C.mscp_nvenc_new(&options, &code)
	if c == nil {
		return nil, fmt.Errorf("open NVENC for %dx%d: %w", o.Width, o.Height, codeError(code))
	}
	return &Encoder{
		c: c, width: o.Width, height: o.Height, last: math.MinInt64,
		rate: rate{wanted: o.Bitrate, is: o.Bitrate},
	}, nil
}

// Encode gives the access unit in Annex B, with the parameter sets before an IDR picture.
func (e *Encoder) Encode(frame *media.VideoFrame, forceKeyframe bool) ([]byte, bool, error) {
	if e.c == nil {
		return nil, false, errClosed
	}
	if frame.Width != e.width || frame.Height != e.height {
		return nil, false, fmt.Errorf("picture of %dx%d for an encoder of %dx%d",
			frame.Width, frame.Height, e.width, e.height)
	}
	// FFmpeg wants times that rise.
	e.last = max(frame.PTS.Round(time.Microsecond).Microseconds(), e.last+1)
	if e.rate.changes(frame.PTS, forceKeyframe) {
		C.mscp_nvenc_set_bitrate(e.c, C.int(clamp(e.rate.is)))
	}
	var force, keyframe C.int
	if forceKeyframe {
		force = 1
	}
	var data *C.uint8_t
	var size C.size_t
	code := C.mscp_nvenc_encode(e.c,
		(*C.uint8_t)(&frame.Y[0]), (*C.uint8_t)(&frame.U[0]), (*C.uint8_t)(&frame.V[0]),
		C.int(frame.YStride), C.int(frame.UVStride), C.int64_t(e.last), force, &data, &size, &keyframe)
	if code != 0 {
		return nil, false, fmt.Errorf("encode with NVENC: %w", codeError(code))
	}
	return C.GoBytes(unsafe.Pointer(data), C.int(size)), keyframe != 0, nil
}

// Layers implements codec's encoders: there are none.
func (*Encoder) Layers() []media.FrameLayer { return nil }

// SetBitrate takes effect with the next keyframe, or makes one where the difference is worth it.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	e.rate.wanted = bitsPerSecond
	return nil
}

// Close may be called twice.
func (e *Encoder) Close() error {
	C.mscp_nvenc_release(e.c)
	e.c = nil
	return nil
}

func clamp(bitsPerSecond int) int { return min(max(bitsPerSecond, 1000), math.MaxInt32) }

// codeError says of FFmpeg's codes what they stand for in its nvenc.c.
func codeError(code C.int) error {
	switch code {
	case C.AVERROR_UNKNOWN, C.AVERROR_EXTERNAL:
		return errors.New("there is no device that can encode it, or it failed")
	case -C.ENOSYS:
		return errors.New("the driver is too old, or the device cannot encode it so")
	case -C.ENOMEM:
		return errors.New("out of memory, or of the sessions that the device may have")
	case -C.EAGAIN, C.AVERROR_BUG:
		return errors.New("a picture was delayed")
	default:
		return fmt.Errorf("FFmpeg's code %d", int(code))
	}
}
