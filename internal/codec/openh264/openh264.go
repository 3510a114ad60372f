// Package openh264 encodes H264 constrained baseline in real time with
// OpenH264. It exists beside pion/mediadevices' wrapper because that gives the
// encoder no times, leaks a buffer when a picture outgrows it, starts with an
// uninitialised keyframe flag, and can neither set the complexity nor layers.
package openh264

// #cgo pkg-config: openh264
// #include "bridge.h"
// #include <stdbool.h>
// #include <wels/codec_api.h>
import "C"

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

// Name of the implementation in statistics.
const Name = "OpenH264"

var (
	errClosed = errors.New("OpenH264 encoder is closed")
	errLayer  = errors.New("OpenH264 gave another temporal layer than comes next")
)

// Options of an encoder. Sizes are even, 16 at least.
type Options struct {
	Width, Height int
	Framerate     float64
	// Bitrate in bits a second.
	Bitrate int
	// Threads is also the number of slices.
	Threads int
	// Scalability is which layers there are; of them only the temporal ones count.
	Scalability media.ScalabilityMode
}

// Encoder is one OpenH264 encoder for pictures of one size. Not safe for
// concurrent use.
type Encoder struct {
	c             *C.mscp_openh264
	width, height int
	bitrate       int
	last          int64
	// structure is what pictures refer to, nil without layers. OpenH264 is not told: it
	// has the same patterns.
	structure *scalability.Structure
	layers    []media.FrameLayer
}

// New makes an encoder; Close releases it.
func New(o Options) (*Encoder, error) {
	options := C.mscp_openh264_options{
		width:           C.int(o.Width),
		height:          C.int(o.Height),
		threads:         C.int(o.Threads),
		temporal_layers: C.int(o.Scalability.TemporalLayers()),
		bitrate:         C.int(clamp(o.Bitrate)),
		framerate:       C.float(o.Framerate),
	}
	var code C.int
	c := C.mscp_openh264_new(&options, &code)
	if c == nil {
		return nil, fmt.Errorf("open OpenH264 for %dx%d: %w", o.Width, o.Height, codeError(code))
	}
	e := &Encoder{c: c, width: o.Width, height: o.Height, bitrate: o.Bitrate}
	if o.Scalability.TemporalLayers() > 1 {
		e.structure = scalability.New(o.Scalability)
	}
	return e, nil
}

// Encode gives the access unit in Annex B, with the parameter sets before an
// IDR picture, or no data if rate control skipped the picture.
func (e *Encoder) Encode(frame *media.VideoFrame, forceKeyframe bool) ([]byte, bool, error) {
	if e.c == nil {
		return nil, false, errClosed
	}
	if frame.Width != e.width || frame.Height != e.height {
		return nil, false, fmt.Errorf("picture of %dx%d for an encoder of %dx%d",
			frame.Width, frame.Height, e.width, e.height)
	}
	// Rate control wants times that rise, and takes 0 for none.
	e.last = max(frame.PTS.Round(time.Millisecond).Milliseconds(), e.last+1)

	var force C.int
	if forceKeyframe {
		force = 1
	}
	var size C.size_t
	var keyframe, temporalLayer C.int
	code := C.mscp_openh264_encode(e.c,
		(*C.uint8_t)(&frame.Y[0]), (*C.uint8_t)(&frame.U[0]), (*C.uint8_t)(&frame.V[0]),
		C.int(frame.YStride), C.int(frame.UVStride), C.int64_t(e.last), force, &size, &keyframe, &temporalLayer)
	if code != 0 {
		return nil, false, fmt.Errorf("encode with OpenH264: %w", codeError(code))
	}
	if size == 0 {
		return nil, false, nil
	}
	data := make([]byte, size)
	C.mscp_openh264_copy(e.c, (*C.uint8_t)(&data[0]))
	if e.structure == nil {
		return data, keyframe != 0, nil
	}
	if err := e.describe(data, keyframe != 0, int(temporalLayer)); err != nil {
		return nil, false, err
	}
	return data, keyframe != 0, nil
}

// describe makes the layer of a picture. Those that rate control skips leave the
// pattern where it is, here and in OpenH264.
func (e *Encoder) describe(data []byte, keyframe bool, temporal int) error {
	frames := e.structure.Next(keyframe, 1)
	if frames[0].Temporal != temporal {
		return errLayer
	}
	e.structure.Coded(frames)
	e.layers = scalability.Layers(frames)
	e.layers[0].Data, e.layers[0].Width, e.layers[0].Height = data, e.width, e.height
	return nil
}

// Layers are of the picture that was coded last.
func (e *Encoder) Layers() []media.FrameLayer { return e.layers }

// SetBitrate takes effect with the next picture.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	if bitsPerSecond == e.bitrate {
		return nil
	}
	if code := C.mscp_openh264_set_bitrate(e.c, C.int(clamp(bitsPerSecond))); code != 0 {
		return fmt.Errorf("set OpenH264's bitrate to %d bit/s: %w", bitsPerSecond, codeError(code))
	}
	e.bitrate = bitsPerSecond
	return nil
}

// Close may be called twice.
func (e *Encoder) Close() error {
	C.mscp_openh264_release(e.c)
	e.c = nil
	return nil
}

func clamp(bitsPerSecond int) int { return min(max(bitsPerSecond, 1000), math.MaxInt32) }

// codeError names OpenH264's CM_RETURN.
func codeError(code C.int) error {
	switch code {
	case C.cmInitParaError:
		return errors.New("wrong parameter")
	case C.cmMallocMemeError:
		return errors.New("out of memory")
	case C.cmInitExpected:
		return errors.New("not initialised")
	case C.cmUnsupportedData:
		return errors.New("picture refused")
	default:
		return fmt.Errorf("code %d", int(code))
	}
}
