package av

// #include <libavutil/frame.h>
// #include <libavutil/pixfmt.h>
// #include <libswscale/swscale.h>
//
// static int mscp_scale(struct SwsContext *c, const uint8_t *y, const uint8_t *u, const uint8_t *v, int y_stride,
//                       int uv_stride, int height, AVFrame *to) {
//   const uint8_t *planes[4] = {y, u, v, NULL};
//   int strides[4] = {y_stride, uv_stride, uv_stride, 0};
//   return sws_scale(c, planes, strides, 0, height, to->data, to->linesize);
// }
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Scaler makes I420 pictures smaller. Not safe for concurrent use.
type Scaler struct {
	pool          framePool
	context       *C.struct_SwsContext
	width, height int
	toWidth       int
	toHeight      int
}

// Scale gives a picture of that size: lent, the caller holds one reference.
func (s *Scaler) Scale(frame *media.VideoFrame, width, height int) (*media.VideoFrame, error) {
	if !frame.Valid() || width < smallestSide || height < smallestSide || (width|height)&1 != 0 {
		return nil, fmt.Errorf("scale a picture of %dx%d to %dx%d: %w", frame.Width, frame.Height, width, height, ErrInvalidData)
	}
	if s.context == nil || s.width != frame.Width || s.height != frame.Height || s.toWidth != width || s.toHeight != height {
		C.sws_freeContext(s.context)
		s.context = C.sws_getContext(C.int(frame.Width), C.int(frame.Height), C.AV_PIX_FMT_YUV420P,
			C.int(width), C.int(height), C.AV_PIX_FMT_YUV420P, C.SWS_BILINEAR, nil, nil, nil)
		if s.context == nil {
			return nil, errors.New("scale a picture: out of memory")
		}
		s.width, s.height, s.toWidth, s.toHeight = frame.Width, frame.Height, width, height
	}
	one := s.pool.get()
	if one == nil {
		return nil, errors.New("scale a picture: out of memory")
	}
	to := (*C.AVFrame)(one.frame.UnsafePointer())
	to.width, to.height, to.format = C.int(width), C.int(height), C.AV_PIX_FMT_YUV420P
	if C.av_frame_get_buffer(to, 0) < 0 {
		s.pool.put(one)
		return nil, errors.New("scale a picture: out of memory")
	}
	pointer := func(plane []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(plane))) }
	C.mscp_scale(s.context, pointer(frame.Y), pointer(frame.U), pointer(frame.V),
		C.int(frame.YStride), C.int(frame.UVStride), C.int(frame.Height), to)
	borrowPlanes(one)
	one.PTS, one.Matrix, one.FullRange = frame.PTS, frame.Matrix, frame.FullRange
	one.Lend(one.recycle)
	return &one.VideoFrame, nil
}

// Close may be called twice. Pictures that are still held stay whole.
func (s *Scaler) Close() {
	C.sws_freeContext(s.context)
	s.context = nil
	s.pool.close()
}

// ScaledSize is the even size of a picture whose sides are factor times smaller,
// no less than all encoders take, its shape kept.
func ScaledSize(width, height int, factor float64) (int, int) {
	least := float64(min(width, height)) / smallestSide
	factor = min(factor, max(least, 1))
	if !(factor > 1) {
		return width, height
	}
	even := func(side int) int { return max(int(float64(side)/factor)&^1, smallestSide) }
	return even(width), even(height)
}
