// Package vpx encodes VP8 and VP9 in real time with libvpx. It exists beside
// pion/mediadevices' wrapper because that gives libvpx wrong times, which
// breaks its rate control, and has no control of speed.
package vpx

// #cgo pkg-config: vpx
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"time"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Name of the implementation in statistics.
const Name = "libvpx"

const mostTemporalLayers = 3

var errClosed = errors.New("libvpx encoder is closed")

// Options of an encoder.
type Options struct {
	VP9           bool
	Width, Height int
	Framerate     float64
	// Bitrate in bits a second.
	Bitrate int
	Threads int
	// TemporalLayers of VP8, up to 3; 0 and 1 are none.
	TemporalLayers int
}

// Encoder is one libvpx encoder for pictures of one size. Not safe for
// concurrent use.
type Encoder struct {
	c             *C.mscp_vpx
	width, height int
	duration      time.Duration
	last          time.Duration
	started       bool
	bitrate       int
	layered       bool
	layer         media.TemporalLayer
}

// New makes an encoder; Close releases it.
func New(o Options) (*Encoder, error) {
	options := C.mscp_vpx_options{
		width:        C.int(o.Width),
		height:       C.int(o.Height),
		threads:      C.int(o.Threads),
		speed:        C.int(speed(o)),
		bitrate_kbps: C.int(kilobits(o.Bitrate)),
		framerate:    C.double(o.Framerate),
		tile_columns: C.int(tileColumns(o.Width)),
	}
	layered := !o.VP9 && o.TemporalLayers > 1
	if layered {
		options.temporal_layers = C.int(min(o.TemporalLayers, mostTemporalLayers))
	}
	if o.VP9 {
		options.vp9 = 1
	}
	var cause *C.char
	c := C.mscp_vpx_new(&options, &cause)
	if c == nil {
		return nil, fmt.Errorf("open libvpx for %dx%d: %s", o.Width, o.Height, C.GoString(cause))
	}
	return &Encoder{
		c: c, width: o.Width, height: o.Height, bitrate: o.Bitrate,
		duration: time.Duration(float64(time.Second) / o.Framerate), layered: layered,
	}, nil
}

// Encode gives the coded picture, or no data if rate control dropped it.
func (e *Encoder) Encode(frame *media.VideoFrame, forceKeyframe bool) ([]byte, bool, error) {
	if e.c == nil {
		return nil, false, errClosed
	}
	if frame.Width != e.width || frame.Height != e.height {
		return nil, false, fmt.Errorf("picture of %dx%d for an encoder of %dx%d",
			frame.Width, frame.Height, e.width, e.height)
	}
	// libvpx wants times that rise by a microsecond at least.
	pts := frame.PTS
	if e.started && pts < e.last+time.Microsecond {
		pts = e.last + time.Microsecond
	}
	e.started, e.last = true, pts

	var force C.int
	if forceKeyframe {
		force = 1
	}
	var packet C.mscp_vpx_packet
	cause := C.mscp_vpx_encode(e.c,
		(*C.uint8_t)(&frame.Y[0]), (*C.uint8_t)(&frame.U[0]), (*C.uint8_t)(&frame.V[0]),
		C.int(frame.YStride), C.int(frame.UVStride),
		C.int64_t(pts.Microseconds()), C.int64_t(e.duration.Microseconds()), force, &packet)
	if cause != nil {
		return nil, false, fmt.Errorf("encode with libvpx: %s", C.GoString(cause))
	}
	if packet.size == 0 {
		return nil, false, nil
	}
	e.layer = media.TemporalLayer{
		Layered: e.layered, ID: uint8(packet.temporal_layer), Sync: packet.layer_sync != 0,
	}
	return C.GoBytes(unsafe.Pointer(packet.data), C.int(packet.size)), packet.keyframe != 0, nil
}

// Layer is of the picture that was coded last.
func (e *Encoder) Layer() media.TemporalLayer { return e.layer }

// SetBitrate takes effect with the next picture.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	if kilobits(bitsPerSecond) == kilobits(e.bitrate) {
		return nil
	}
	if cause := C.mscp_vpx_set_bitrate(e.c, C.int(kilobits(bitsPerSecond))); cause != nil {
		return fmt.Errorf("set libvpx's bitrate to %d bit/s: %s", bitsPerSecond, C.GoString(cause))
	}
	e.bitrate = bitsPerSecond
	return nil
}

// Close may be called twice.
func (e *Encoder) Close() error {
	C.mscp_vpx_release(e.c)
	e.c = nil
	return nil
}

func kilobits(bitsPerSecond int) int {
	return min(max(bitsPerSecond/1000, 1), math.MaxInt32/1000)
}

// speed trades quality for time. Negative is VP8's fixed speed: from -8 to -10
// a picture of 560x320 takes a tenth less time and loses 0.2 to 0.7 dB; beyond
// -10 rate control begins to leave out pictures that are hard to code.
func speed(o Options) int {
	small := o.Width*o.Height <= 352*288
	switch {
	case o.VP9 && small:
		return 7
	case o.VP9:
		return 8
	case small:
		return -6
	default:
		return -10
	}
}

// tileColumns is log2 of how many columns of 256 pixels at least there are, up to 4.
func tileColumns(width int) int {
	return min(max(bits.Len(uint(width/256))-1, 0), 2)
}
