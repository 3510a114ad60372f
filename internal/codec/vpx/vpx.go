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
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

// Name of the implementation in statistics.
const Name = "libvpx"

var errClosed = errors.New("libvpx encoder is closed")

// Options of an encoder.
type Options struct {
	VP9           bool
	Width, Height int
	Framerate     float64
	// Bitrate in bits a second.
	Bitrate int
	Threads int
	// Scalability is which layers there are; VP8 has temporal ones only.
	Scalability media.ScalabilityMode
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
	scalability   media.ScalabilityMode
	layers        []media.FrameLayer
	// svc is of VP9 with layers.
	svc *svc
}

// New makes an encoder; Close releases it.
func New(o Options) (*Encoder, error) {
	options := C.mscp_vpx_options{
		width:        C.int(o.Width),
		height:       C.int(o.Height),
		threads:      C.int(o.Threads),
		speed:        C.int(speed(o.VP9, o.Width, o.Height)),
		bitrate_kbps: C.int(kilobits(o.Bitrate)),
		framerate:    C.double(o.Framerate),
		tile_columns: C.int(tileColumns(o.Width)),

		spatial_layers: 1, temporal_layers: C.int(o.Scalability.TemporalLayers()),
	}
	var layers *svc
	if o.VP9 {
		options.vp9 = 1
		if o.Scalability.Layered() {
			layers = newSVC(o)
			layers.describe(&options)
		}
	}
	var cause *C.char
	c := C.mscp_vpx_new(&options, &cause)
	if c == nil {
		return nil, fmt.Errorf("open libvpx for %dx%d: %s", o.Width, o.Height, C.GoString(cause))
	}
	return &Encoder{
		c: c, width: o.Width, height: o.Height, bitrate: o.Bitrate,
		duration: time.Duration(float64(time.Second) / o.Framerate), scalability: o.Scalability, svc: layers,
	}, nil
}

// Encode gives the coded picture, or no data if rate control dropped it.
func (e *Encoder) Encode(frame *media.VideoFrame, forceKeyframe bool) (coded []byte, keyframe bool, err error) {
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

	picture := C.mscp_vpx_picture{pts: C.int64_t(pts.Microseconds()), duration: C.int64_t(e.duration.Microseconds())}
	var frames []scalability.Frame
	if e.svc != nil {
		frames = e.svc.next(forceKeyframe, &picture)
		forceKeyframe = frames[0].Key
	}
	if forceKeyframe {
		picture.force_keyframe = 1
	}
	var packet C.mscp_vpx_packet
	cause := C.mscp_vpx_encode(e.c,
		(*C.uint8_t)(&frame.Y[0]), (*C.uint8_t)(&frame.U[0]), (*C.uint8_t)(&frame.V[0]),
		C.int(frame.YStride), C.int(frame.UVStride), &picture, &packet)
	if cause != nil {
		return nil, false, fmt.Errorf("encode with libvpx: %s", C.GoString(cause))
	}
	if packet.size == 0 {
		return nil, false, nil
	}
	data := C.GoBytes(unsafe.Pointer(packet.data), C.int(packet.size))
	if e.svc != nil {
		data, e.layers, err = e.svc.split(data, frames, &packet)
		return data, forceKeyframe, err
	}
	e.layers = nil
	if e.scalability.TemporalLayers() > 1 {
		e.layers = []media.FrameLayer{{
			Data: data, Width: e.width, Height: e.height,
			Temporal: uint8(packet.temporal_layer), Sync: packet.layer_sync != 0,
		}}
	}
	return data, packet.keyframe != 0, nil
}

// Layers are of the picture that was coded last.
func (e *Encoder) Layers() []media.FrameLayer { return e.layers }

// SetBitrate takes effect with the next picture.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	if kilobits(bitsPerSecond) == kilobits(e.bitrate) {
		return nil
	}
	var layers [C.MSCP_VPX_LAYERS]C.uint
	if e.svc != nil {
		layers = e.svc.share(bitsPerSecond)
	}
	if cause := C.mscp_vpx_set_bitrate(e.c, C.int(kilobits(bitsPerSecond)), &layers[0]); cause != nil {
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
func speed(vp9 bool, width, height int) int {
	small := width*height <= 352*288
	switch {
	case vp9 && small:
		return 7
	case vp9:
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
