package av

// #include <libavutil/frame.h>
// #include <libavutil/pixfmt.h>
import "C"

import (
	"errors"
	"math"

	"github.com/asticode/go-astiav"
)

// Bounds of what all encoders take. Larger pictures shrink, smaller ones grow.
const (
	smallestSide  = 16
	largestWidth  = 4096
	largestHeight = 2304
)

// converter makes any picture I420 of limited range and of a size that all
// encoders take. What is that already costs nothing.
type converter struct {
	scaler  *astiav.SoftwareScaleContext
	scaling scaling
}

type scaling struct {
	sourceWidth, sourceHeight int
	width, height             int
	format                    astiav.PixelFormat
}

func (c *converter) convert(from, to *astiav.Frame) error {
	f := (*C.AVFrame)(from.UnsafePointer())
	s := scaling{sourceWidth: from.Width(), sourceHeight: from.Height(), format: from.PixelFormat()}
	if s.sourceWidth <= 0 || s.sourceHeight <= 0 {
		return astiav.ErrInvaliddata
	}
	if f.color_range == C.AVCOL_RANGE_JPEG {
		s.format = fullRange(s.format)
	}
	s.width, s.height = fit(s.sourceWidth, s.sourceHeight)
	// A last odd row or column is left out, which costs nothing, rather than scaled away.
	kept := s.width == s.sourceWidth&^1 && s.height == s.sourceHeight&^1
	if kept && s.format == astiav.PixelFormatYuv420P && f.linesize[0] > 0 && f.linesize[1] > 0 &&
		f.linesize[1] == f.linesize[2] {
		return to.Ref(from)
	}

	if c.scaler == nil || c.scaling != s {
		c.close()
		flags := astiav.NewSoftwareScaleContextFlags(astiav.SoftwareScaleContextFlagBicubic)
		scaler, err := astiav.CreateSoftwareScaleContext(s.sourceWidth, s.sourceHeight, s.format,
			s.width, s.height, astiav.PixelFormatYuv420P, flags)
		if err != nil {
			return errors.New("no way from this format of pixels to I420")
		}
		c.scaler, c.scaling = scaler, s
	}
	return c.scaler.ScaleFrame(from, to)
}

func (c *converter) close() {
	if c.scaler != nil {
		c.scaler.Free()
		c.scaler = nil
	}
}

// fit gives the even size of a picture within the bounds, its shape kept.
func fit(width, height int) (int, int) {
	w, h := float64(width), float64(height)
	scale := min(1, largestWidth/w, largestHeight/h)
	if smallest := min(w, h) * scale; smallest < smallestSide {
		scale *= smallestSide / smallest
	}
	if scale == 1 {
		return width &^ 1, height &^ 1
	}
	even := func(side float64, most int) int {
		return min(max(int(math.Round(side*scale/2))*2, smallestSide), most)
	}
	return even(w, largestWidth), even(h, largestHeight)
}

// fullRange is the format that tells the scaler to bring the values into range.
func fullRange(format astiav.PixelFormat) astiav.PixelFormat {
	switch format {
	case astiav.PixelFormatYuv420P:
		return astiav.PixelFormatYuvj420P
	case astiav.PixelFormatYuv422P:
		return astiav.PixelFormatYuvj422P
	case astiav.PixelFormatYuv444P:
		return astiav.PixelFormatYuvj444P
	case astiav.PixelFormatYuv440P:
		return astiav.PixelFormatYuvj440P
	default:
		return format
	}
}
