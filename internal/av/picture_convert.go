package av

// #include <libavutil/buffer.h>
// #include <libavutil/frame.h>
// #include <libavutil/pixfmt.h>
//
// static void mscp_keep(void *opaque, uint8_t *data) {}
//
// // Lends a frame memory that is not FFmpeg's, until it is unreferenced.
// static int mscp_lend(AVFrame *f, int plane, uint8_t *data, int stride, size_t size) {
//   f->data[plane] = data;
//   f->linesize[plane] = stride;
//   f->buf[plane] = av_buffer_create(data, size, mscp_keep, NULL, AV_BUFFER_FLAG_READONLY);
//   return f->buf[plane] ? 0 : AVERROR(ENOMEM);
// }
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// PictureConverter makes any picture of package frames one that all encoders take: upright I420 of limited range and
// even size. Not safe for concurrent use.
type PictureConverter struct {
	pool      framePool
	converter converter
	turner    pictureFilter
}

// pixelFormats are FFmpeg's of those of package frames.
var pixelFormats = map[frames.PixelFormat]C.int{
	frames.I420: C.AV_PIX_FMT_YUV420P, frames.I422: C.AV_PIX_FMT_YUV422P, frames.I444: C.AV_PIX_FMT_YUV444P,
	frames.NV12: C.AV_PIX_FMT_NV12, frames.RGBA: C.AV_PIX_FMT_RGBA, frames.RGBX: C.AV_PIX_FMT_RGB0,
	frames.BGRA: C.AV_PIX_FMT_BGRA, frames.BGRX: C.AV_PIX_FMT_BGR0,
}

// turns are the filters that turn a picture clockwise.
var turns = map[int]string{90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock"}

// ToI420 gives the picture at pts: lent, the caller holds one reference. What is I420 already is not copied, and f
// is retained meanwhile.
func (c *PictureConverter) ToI420(f *frames.Frame, pts time.Duration) (*media.VideoFrame, error) {
	width, height, format := int(f.Width), int(f.Height), frames.PixelFormat(f.Format)
	if f.Kind != frames.KindVideo || !format.Known() || len(f.Planes) != format.Planes() {
		return nil, fmt.Errorf("%w: a picture of format %v", frames.ErrFormat, f.Format)
	}
	if width <= 0 || height <= 0 || width > MostPixels || height > MostPixels || width*height > MostPixels {
		return nil, fmt.Errorf("%w: a picture of %dx%d, of %d pixels at the most", frames.ErrSize, width, height, MostPixels)
	}
	for i, plane := range f.Planes {
		bytes, rows := format.PlaneSize(i, width, height)
		if stride := int(f.Stride[i]); stride < bytes || stride*(rows-1)+bytes > len(plane) {
			return nil, fmt.Errorf("%w: plane %d of %dx%d in %d bytes, %d a row", frames.ErrSize, i, width, height, len(plane), stride)
		}
	}
	chain := turns[(int(f.Rotation)%360+360)%360]
	fitWidth, fitHeight := fit(width, height)
	if format == frames.I420 && chain == "" && f.FullRange != 1 && f.Stride[1] == f.Stride[2] &&
		fitWidth == width&^1 && fitHeight == height&^1 {
		return asItIs(f, pts), nil
	}
	return c.convert(f, chain, pts)
}

// asItIs is a picture of the memory of f.
func asItIs(f *frames.Frame, pts time.Duration) *media.VideoFrame {
	f.Retain()
	one := &media.VideoFrame{
		Width: int(f.Width) &^ 1, Height: int(f.Height) &^ 1,
		Y: f.Planes[0], U: f.Planes[1], V: f.Planes[2],
		YStride: int(f.Stride[0]), UVStride: int(f.Stride[1]), PTS: pts, Matrix: matrixOf(f),
	}
	one.Lend(func(*media.VideoFrame) { f.Release() })
	return one
}

func (c *PictureConverter) convert(f *frames.Frame, chain string, pts time.Duration) (*media.VideoFrame, error) {
	var pins runtime.Pinner
	defer pins.Unpin()
	source, one := astiav.AllocFrame(), c.pool.get()
	if source == nil || one == nil {
		return nil, errors.New("convert a picture: out of memory")
	}
	defer source.Free()
	from := (*C.AVFrame)(source.UnsafePointer())
	from.width, from.height, from.format = C.int(f.Width), C.int(f.Height), pixelFormats[frames.PixelFormat(f.Format)]
	if f.FullRange == 1 && frames.PixelFormat(f.Format) <= frames.NV12 {
		from.color_range = C.AVCOL_RANGE_JPEG
	}
	for i, plane := range f.Planes {
		data := unsafe.SliceData(plane)
		pins.Pin(data)
		if C.mscp_lend(from, C.int(i), (*C.uint8_t)(data), C.int(f.Stride[i]), C.size_t(len(plane))) < 0 {
			c.pool.put(one)
			return nil, errors.New("convert a picture: out of memory")
		}
	}
	if err := c.fill(one.frame, source, chain); err != nil {
		c.pool.put(one)
		return nil, fmt.Errorf("convert a picture: %w", err)
	}
	borrowPlanes(one)
	one.PTS, one.Matrix = pts, matrixOf(f)
	one.Lend(one.recycle)
	return &one.VideoFrame, nil
}

// matrixOf is what luma and chroma of f mean, once it is I420: what is made of RGB is BT.601.
func matrixOf(f *frames.Frame) uint8 {
	if frames.PixelFormat(f.Format) > frames.NV12 {
		return media.MatrixBT601
	}
	if !(f.Matrix > 0 && f.Matrix < 256) {
		return 0
	}
	return uint8(f.Matrix)
}

// fill converts source to I420, and turns it.
func (c *PictureConverter) fill(to, source *astiav.Frame, chain string) error {
	if chain == "" {
		return c.converter.convert(source, to)
	}
	straight := astiav.AllocFrame()
	if straight == nil {
		return errors.New("out of memory")
	}
	defer straight.Free()
	if err := c.converter.convert(source, straight); err != nil {
		return err
	}
	return c.turner.turn(straight, to, chain)
}

// Close may be called twice. Pictures that are still held stay whole.
func (c *PictureConverter) Close() {
	c.converter.close()
	c.turner.close()
	c.pool.close()
}
