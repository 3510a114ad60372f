package av

// #include <libavutil/pixfmt.h>
// #include <libswscale/swscale.h>
//
// // Without SWS_FULL_CHR_H colours are up to 15 of 255 away from what they are.
// static struct SwsContext *mscp_picture_maker(int width, int height, enum AVPixelFormat from, int from_full, int space,
//                                              int to_width, int to_height, enum AVPixelFormat to, int to_full) {
//   int scales = width != to_width || height != to_height;
//   struct SwsContext *c = sws_getContext(width, height, from, to_width, to_height, to,
//                                         (scales ? SWS_AREA : SWS_BILINEAR) | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
//                                         NULL, NULL, NULL);
//   const int *matrix = sws_getCoefficients(space);
//   if (c) sws_setColorspaceDetails(c, matrix, from_full, matrix, to_full, 0, 1 << 16, 1 << 16);
//   return c;
// }
//
// static int mscp_make_picture(struct SwsContext *c, const uint8_t *y, const uint8_t *u, const uint8_t *v, int y_stride,
//                              int u_stride, int v_stride, int height, uint8_t *a, uint8_t *b, uint8_t *d, int a_stride,
//                              int b_stride, int d_stride) {
//   const uint8_t *from[4] = {y, u, v, NULL};
//   int from_strides[4] = {y_stride, u_stride, v_stride, 0};
//   uint8_t *to[4] = {a, b, d, NULL};
//   int to_strides[4] = {a_stride, b_stride, d_stride, 0};
//   return sws_scale(c, from, from_strides, 0, height, to, to_strides);
// }
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// H.273's matrices.
const (
	matrixBT709          = 1
	matrixFCC            = 4
	matrixSMPTE240M      = 7
	matrixBT2020         = 9
	matrixBT2020Constant = 10
)

// PictureMaker makes pictures another size and format, in one go. Not safe for concurrent use.
type PictureMaker struct {
	context *C.struct_SwsContext
	making  making
}

// making is what a context is for.
type making struct {
	width, height, toWidth, toHeight int
	from, to                         C.enum_AVPixelFormat
	fromFull, toFull                 C.int
	space                            C.int
}

// madeFrom are FFmpeg's formats of those that pictures have; what has no alpha is opaque.
var madeFrom = map[frames.PixelFormat]C.enum_AVPixelFormat{
	frames.I420: C.AV_PIX_FMT_YUV420P, frames.I422: C.AV_PIX_FMT_YUV422P, frames.I444: C.AV_PIX_FMT_YUV444P,
	frames.NV12: C.AV_PIX_FMT_NV12,
	frames.RGBA: C.AV_PIX_FMT_RGBA, frames.RGBX: C.AV_PIX_FMT_RGB0,
	frames.BGRA: C.AV_PIX_FMT_BGRA, frames.BGRX: C.AV_PIX_FMT_BGR0,
}

// madeTo is the same of those that are made: the last byte of RGBX is written, too.
func madeTo(format frames.PixelFormat) C.enum_AVPixelFormat {
	switch format {
	case frames.RGBX:
		return C.AV_PIX_FMT_RGBA
	case frames.BGRX:
		return C.AV_PIX_FMT_BGRA
	default:
		return madeFrom[format]
	}
}

// Make gives a frame of pooled memory, of the format and size that head has, with a reference for the caller.
func (m *PictureMaker) Make(picture *media.VideoFrame, head frames.Head) (*frames.Frame, error) {
	if !picture.Valid() {
		return nil, fmt.Errorf("convert a picture of %dx%d: %w", picture.Width, picture.Height, ErrInvalidData)
	}
	from := frames.New(frames.Head{
		Kind: frames.KindVideo, Format: float64(frames.I420),
		Width: float64(picture.Width), Height: float64(picture.Height),
		Matrix: float64(picture.Matrix), FullRange: flag(picture.FullRange),
		Stride: [frames.MostPlanes]float64{float64(picture.YStride), float64(picture.UVStride), float64(picture.UVStride)},
	}, [][]byte{picture.Y, picture.U, picture.V}, nil)
	return m.Convert(from, head)
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// Convert is Make of a frame.
func (m *PictureMaker) Convert(from *frames.Frame, head frames.Head) (*frames.Frame, error) {
	if err := checkPlanes(from); err != nil {
		return nil, err
	}
	to, err := frames.Make(head)
	if err != nil {
		return nil, err
	}
	if err := m.prepare(from, to); err != nil {
		to.Release()
		return nil, err
	}
	plane := func(f *frames.Frame, i int) (*C.uint8_t, C.int) {
		if i >= len(f.Planes) {
			return nil, 0
		}
		return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(f.Planes[i]))), C.int(f.Stride[i])
	}
	y, yStride := plane(from, 0)
	u, uStride := plane(from, 1)
	v, vStride := plane(from, 2)
	a, aStride := plane(to, 0)
	b, bStride := plane(to, 1)
	d, dStride := plane(to, 2)
	rows := C.mscp_make_picture(m.context, y, u, v, yStride, uStride, vStride, C.int(m.making.height),
		a, b, d, aStride, bStride, dStride)
	if int(rows) != m.making.toHeight {
		to.Release()
		return nil, errors.New("convert a picture: refused")
	}
	return to, nil
}

func (m *PictureMaker) prepare(from, to *frames.Frame) error {
	fromFormat, toFormat := frames.PixelFormat(from.Format), frames.PixelFormat(to.Format)
	now := making{
		width: int(from.Width), height: int(from.Height), toWidth: int(to.Width), toHeight: int(to.Height),
		from: madeFrom[fromFormat], to: madeTo(toFormat), space: C.SWS_CS_ITU601,
	}
	isRGB := func(format frames.PixelFormat) bool { return format > frames.NV12 }
	if from.FullRange == 1 && !isRGB(fromFormat) {
		now.fromFull = 1
		// It stays what it is, but where it becomes RGB, which is always full.
		now.toFull = 1
	}
	now.space = spaceOf(from.Matrix)
	if m.context != nil && m.making == now {
		return nil
	}
	m.Close()
	m.context = C.mscp_picture_maker(C.int(now.width), C.int(now.height), now.from, now.fromFull, now.space,
		C.int(now.toWidth), C.int(now.toHeight), now.to, now.toFull)
	m.making = now
	if m.context == nil {
		return errors.New("convert a picture: no way from its format and size")
	}
	return nil
}

// spaceOf are swscale's coefficients of H.273's matrix. What is unknown is BT.601, as WebRTC has it.
func spaceOf(matrix float64) C.int {
	switch matrix {
	case matrixBT709:
		return C.SWS_CS_ITU709
	case matrixFCC:
		return C.SWS_CS_FCC
	case matrixSMPTE240M:
		return C.SWS_CS_SMPTE240M
	case matrixBT2020, matrixBT2020Constant:
		return C.SWS_CS_BT2020
	default:
		return C.SWS_CS_ITU601
	}
}

// checkPlanes sees that what C reads is there.
func checkPlanes(f *frames.Frame) error {
	format := frames.PixelFormat(f.Format)
	width, height := int(f.Width), int(f.Height)
	if f.Kind != frames.KindVideo || !format.Known() || width <= 0 || height <= 0 || len(f.Planes) != format.Planes() {
		return fmt.Errorf("convert a frame of kind %v and format %v: %w", f.Kind, f.Format, ErrInvalidData)
	}
	for i, plane := range f.Planes {
		bytes, rows := format.PlaneSize(i, width, height)
		if stride := int(f.Stride[i]); stride < bytes || len(plane) < stride*(rows-1)+bytes {
			return fmt.Errorf("convert a picture of %dx%d, with %d bytes in rows of %d: %w", width, height, len(plane), stride, ErrInvalidData)
		}
	}
	return nil
}

// ConvertPicture copies what part asks for of a picture, in the format that part has.
func ConvertPicture(from *frames.Frame, part *frames.Head, room []byte) error {
	if part.Format == from.Format {
		return from.CopyPart(part, room)
	}
	rectangle := from.Head
	rectangle.X, rectangle.Y, rectangle.Width, rectangle.Height = part.X, part.Y, part.Width, part.Height
	cropped, err := from.Part(rectangle)
	if err != nil {
		return err
	}
	defer cropped.Release()
	var maker PictureMaker
	defer maker.Close()
	made, err := maker.Convert(cropped, frames.Head{
		Kind: frames.KindVideo, Format: part.Format, Width: part.Width, Height: part.Height,
	})
	if err != nil {
		return err
	}
	defer made.Release()
	whole := *part
	whole.X, whole.Y = 0, 0
	return made.CopyPart(&whole, room)
}

// Close may be called twice. What is made after it begins anew.
func (m *PictureMaker) Close() {
	C.sws_freeContext(m.context)
	m.context = nil
}
