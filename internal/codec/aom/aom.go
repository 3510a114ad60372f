// Package aom encodes AV1 in real time with libaom.
package aom

// #cgo pkg-config: aom
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/scalability"
)

// Name of the implementation in statistics.
const Name = "libaom"

// smallestLayer is the least side of a spatial layer, in pixels.
const smallestLayer = 16

var (
	errClosed = errors.New("libaom encoder is closed")
	errLayers = errors.New("libaom left out a layer of a picture")
)

// Options of an encoder.
type Options struct {
	Width, Height int
	Framerate     float64
	// Bitrate in bits a second.
	Bitrate     int
	Threads     int
	Scalability media.ScalabilityMode
}

// Encoder is one libaom encoder for pictures of one size. Not safe for
// concurrent use.
type Encoder struct {
	c         *C.mscp_aom
	options   Options
	duration  time.Duration
	last      time.Duration
	started   bool
	structure *scalability.Structure
	// spatial layers there are, of which those are coded that have a rate.
	spatial int
	rates   [][]int
	layers  []media.FrameLayer
}

// New makes an encoder; Close releases it.
func New(o Options) (*Encoder, error) {
	e := &Encoder{
		options: o, duration: time.Duration(float64(time.Second) / o.Framerate),
		structure: scalability.New(o.Scalability),
	}
	e.spatial = scalability.SpatialLayers(o.Scalability, e.size(), smallestLayer)
	e.share(o.Bitrate)
	options := C.mscp_aom_options{
		width: C.int(o.Width), height: C.int(o.Height), threads: C.int(o.Threads),
		tile_columns: C.int(tileColumns(o)), speed: C.int(speed(o.Width, o.Height)),
		bitrate_kbps:   C.int(kilobits(o.Bitrate)),
		spatial_layers: C.int(e.spatial), temporal_layers: C.int(o.Scalability.TemporalLayers()),
		layer_kbps: e.kilobits(),
	}
	var cause *C.char
	e.c = C.mscp_aom_new(&options, &cause)
	if e.c == nil {
		return nil, fmt.Errorf("open libaom for %dx%d: %s", o.Width, o.Height, C.GoString(cause))
	}
	return e, nil
}

func (e *Encoder) size() scalability.Size {
	return scalability.Size{Width: e.options.Width, Height: e.options.Height}
}

// share works out which layers a bitrate carries.
func (e *Encoder) share(bitrate int) {
	e.rates = scalability.Rates(e.options.Scalability, e.spatial, e.size(), bitrate, len(e.rates))
}

// kilobits are the rates as libaom takes them.
func (e *Encoder) kilobits() (layers [C.MSCP_AOM_LAYERS]C.int) {
	i := 0
	for _, spatial := range e.rates {
		for _, rate := range spatial {
			layers[i] = C.int(kilobits(rate))
			i++
		}
	}
	return layers
}

// Encode gives the coded picture as low-overhead open bitstream units without
// temporal delimiters, or no data if rate control dropped it.
func (e *Encoder) Encode(frame *media.VideoFrame, forceKeyframe bool) (data []byte, keyframe bool, err error) {
	if e.c == nil {
		return nil, false, errClosed
	}
	if frame.Width != e.options.Width || frame.Height != e.options.Height {
		return nil, false, fmt.Errorf("picture of %dx%d for an encoder of %dx%d",
			frame.Width, frame.Height, e.options.Width, e.options.Height)
	}
	// libaom wants times that rise by a microsecond at least.
	pts := frame.PTS
	if e.started && pts < e.last+time.Microsecond {
		pts = e.last + time.Microsecond
	}
	e.started, e.last = true, pts

	frames := e.structure.Next(forceKeyframe, len(e.rates))
	sizes := make([]int, 0, len(frames))
	for i := range frames {
		before := len(data)
		if data, err = e.encodeLayer(data, frame, pts, &frames[i]); err != nil {
			return nil, false, err
		}
		if len(data) == before {
			break
		}
		sizes = append(sizes, len(data)-before)
	}
	switch {
	case len(sizes) == 0:
		return nil, false, nil
	case len(sizes) < len(frames):
		return nil, false, errLayers
	}
	e.structure.Coded(frames)
	e.layers = nil
	if e.options.Scalability.Layered() {
		e.layers = e.describe(data, frames, sizes)
	}
	return data, frames[0].Key, nil
}

// encodeLayer appends what a layer of a picture becomes.
func (e *Encoder) encodeLayer(data []byte, frame *media.VideoFrame, pts time.Duration, f *scalability.Frame) ([]byte, error) {
	layer := C.mscp_aom_layer{
		spatial: C.int(f.Spatial), temporal: C.int(f.Temporal),
		before: C.int(f.Before), below: C.int(f.Below), updates: C.int(f.Updates),
		pts: C.int64_t(pts.Microseconds()), duration: C.int64_t(e.duration.Microseconds()),
	}
	if f.Key {
		layer.force_keyframe = 1
	}
	var packet C.mscp_aom_packet
	cause := C.mscp_aom_encode(e.c,
		(*C.uint8_t)(&frame.Y[0]), (*C.uint8_t)(&frame.U[0]), (*C.uint8_t)(&frame.V[0]),
		C.int(frame.YStride), C.int(frame.UVStride), &layer, &packet)
	if cause != nil {
		return nil, fmt.Errorf("encode with libaom: %s", C.GoString(cause))
	}
	if packet.size == 0 {
		return data, nil
	}
	coded := unsafe.Slice((*byte)(packet.data), int(packet.size))
	return append(data, withoutDelimiter(coded)...), nil
}

// withoutDelimiter leaves out a temporal delimiter at the beginning: on the network
// there is none (AV1 RTP section 5).
func withoutDelimiter(units []byte) []byte {
	const temporalDelimiter = 0x12
	if len(units) >= 2 && units[0] == temporalDelimiter && units[1] == 0 {
		return units[2:]
	}
	return units
}

func (e *Encoder) describe(data []byte, frames []scalability.Frame, sizes []int) []media.FrameLayer {
	layers := scalability.Layers(frames)
	from := 0
	for i := range layers {
		size := e.size().Halved(e.spatial - 1 - i)
		layers[i].Data = data[from : from+sizes[i] : from+sizes[i]]
		layers[i].Width, layers[i].Height = size.Width, size.Height
		from += sizes[i]
	}
	return layers
}

// Layers are of the picture that was coded last.
func (e *Encoder) Layers() []media.FrameLayer { return e.layers }

// SetBitrate takes effect with the next picture.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	if kilobits(bitsPerSecond) == kilobits(e.options.Bitrate) {
		return nil
	}
	e.share(bitsPerSecond)
	layers := e.kilobits()
	if cause := C.mscp_aom_set_bitrate(e.c, C.int(kilobits(bitsPerSecond)), &layers[0]); cause != nil {
		return fmt.Errorf("set libaom's bitrate to %d bit/s: %s", bitsPerSecond, C.GoString(cause))
	}
	e.options.Bitrate = bitsPerSecond
	return nil
}

// Close may be called twice.
func (e *Encoder) Close() error {
	C.mscp_aom_release(e.c)
	e.c = nil
	return nil
}

func kilobits(bitsPerSecond int) int {
	return min(max(bitsPerSecond/1000, 1), math.MaxInt32/1000)
}

// speed trades quality for time, as WebRTC's encoder does for each size.
func speed(width, height int) int {
	switch pixels := width * height; {
	case pixels <= 320*180:
		return 8
	case pixels <= 640*360:
		return 9
	default:
		return 10
	}
}

// tileColumns is log2: a column for each thread, up to four.
func tileColumns(o Options) int {
	switch {
	case o.Threads >= 4:
		return 2
	case o.Threads >= 2:
		return 1
	default:
		return 0
	}
}
