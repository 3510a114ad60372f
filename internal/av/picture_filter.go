package av

// #include "picture_filter.h"
// #include <stdlib.h>
import "C"

import (
	"errors"
	"strings"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// deinterlacer is FFmpeg's yadif, one picture for each frame. Frames that don't
// say they are interlaced go through as they are.
const deinterlacer = "yadif=mode=send_frame:deint=interlaced"

// pictureFilter turns pictures upright and deinterlaces them. Those that are
// upright and progressive never get here, and cost nothing.
type pictureFilter struct {
	filter *C.mscp_filter
	key    filterKey
	// interlaced stays once a frame said so: what follows is of the same kind.
	interlaced bool
}

// filterKey is what a filter was made for.
type filterKey struct {
	chain         string
	width, height int
	format        C.int
	space, colour C.int
}

// prepare makes the filter that frame needs, and reports whether there is one.
// base is of the frame's times.
func (p *pictureFilter) prepare(frame *astiav.Frame, base astiav.Rational) (bool, error) {
	f := (*C.AVFrame)(frame.UnsafePointer())
	if f.flags&C.AV_FRAME_FLAG_INTERLACED != 0 {
		p.interlaced = true
	}
	var parts []string
	if p.interlaced {
		parts = append(parts, deinterlacer)
	}
	if f.nb_side_data > 0 {
		if upright := C.GoString(C.mscp_upright(f)); upright != "" {
			parts = append(parts, upright)
		}
	}
	if len(parts) == 0 {
		p.close()
		return false, nil
	}
	return true, p.make(frame, base, strings.Join(parts, ","))
}

// make makes the filter of a chain, unless it is there.
func (p *pictureFilter) make(frame *astiav.Frame, base astiav.Rational, filters string) error {
	f := (*C.AVFrame)(frame.UnsafePointer())
	key := filterKey{
		chain: filters, width: int(f.width), height: int(f.height),
		format: f.format, space: C.int(f.colorspace), colour: C.int(f.color_range),
	}
	if p.filter != nil && p.key == key {
		return nil
	}
	p.close()
	chain := C.CString(key.chain)
	defer C.free(unsafe.Pointer(chain))
	if p.filter = C.mscp_filter_new(f, rational(base), chain); p.filter == nil {
		return errors.New("no filter for this format of pixels")
	}
	p.key = key
	return nil
}

// turn fills to with what filters make of one picture.
func (p *pictureFilter) turn(from, to *astiav.Frame, filters string) error {
	if err := p.make(from, astiav.NewRational(1, 1000), filters); err != nil {
		return err
	}
	if err := p.push(from); err != nil {
		return err
	}
	return p.pull(to)
}

// open reports whether pictures go through a filter.
func (p *pictureFilter) open() bool { return p.filter != nil }

// push takes a reference to frame; nil is the end.
func (p *pictureFilter) push(frame *astiav.Frame) error {
	var f *C.AVFrame
	if frame != nil {
		f = (*C.AVFrame)(frame.UnsafePointer())
	}
	return filterError(C.mscp_filter_push(p.filter, f))
}

// pull fills frame. It fails with astiav's ErrEagain and ErrEof as decoders do.
func (p *pictureFilter) pull(frame *astiav.Frame) error {
	return filterError(C.mscp_filter_pull(p.filter, (*C.AVFrame)(frame.UnsafePointer())))
}

// base is of the times of frames that were pulled.
func (p *pictureFilter) base() astiav.Rational {
	base := C.mscp_filter_time_base(p.filter)
	return astiav.NewRational(int(base.num), int(base.den))
}

// close drops what is inside.
func (p *pictureFilter) close() {
	C.mscp_filter_release(p.filter)
	p.filter = nil
}

func filterError(result C.int) error {
	if result < 0 {
		return astiav.Error(result)
	}
	return nil
}
