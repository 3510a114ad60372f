package av

// #include <libavutil/frame.h>
// #include <libavutil/opt.h>
// #include <libavutil/pixdesc.h>
// #include <libswscale/swscale.h>
//
// static struct SwsContext *mscp_scaler(int from_width, int from_height, int from_format, int full,
//                                       int width, int height, int format, int to_full) {
//   struct SwsContext *c = sws_alloc_context();
//   if (!c) return NULL;
//   av_opt_set_int(c, "srcw", from_width, 0);
//   av_opt_set_int(c, "srch", from_height, 0);
//   av_opt_set_int(c, "src_format", from_format, 0);
//   av_opt_set_int(c, "src_range", full, 0);
//   av_opt_set_int(c, "dstw", width, 0);
//   av_opt_set_int(c, "dsth", height, 0);
//   av_opt_set_int(c, "dst_format", format, 0);
//   av_opt_set_int(c, "dst_range", to_full, 0);
//   av_opt_set_int(c, "sws_flags", SWS_BICUBIC, 0);
//   if (sws_init_context(c, NULL, NULL) < 0) {
//     sws_freeContext(c);
//     return NULL;
//   }
//   return c;
// }
//
// static int mscp_has_alpha(int format) {
//   const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
//   return d && (d->flags & AV_PIX_FMT_FLAG_ALPHA);
// }
//
// static int mscp_is_rgb(int format) {
//   const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(format);
//   return d && (d->flags & AV_PIX_FMT_FLAG_RGB);
// }
//
// // Blends one plane with what it holds where nothing is to be seen; alpha is shift times as large.
// static void mscp_blend(uint8_t *plane, int stride, int width, int height, int nothing,
//                        const uint8_t *alpha, int alpha_stride, int shift) {
//   for (int y = 0; y < height; y++) {
//     const uint8_t *a = alpha + (y << shift) * alpha_stride;
//     for (int x = 0; x < width; x++)
//       plane[x] = nothing + ((plane[x] - nothing) * a[x << shift] + (plane[x] < nothing ? -127 : 127)) / 255;
//     plane += stride;
//   }
// }
//
// // Puts a YUVA420P picture over black.
// static void mscp_over_black(AVFrame *f) {
//   mscp_blend(f->data[0], f->linesize[0], f->width, f->height, 16, f->data[3], f->linesize[3], 0);
//   for (int i = 1; i < 3; i++)
//     mscp_blend(f->data[i], f->linesize[i], f->width / 2, f->height / 2, 128, f->data[3],
//                f->linesize[3], 1);
// }
import "C"

import (
	"errors"
	"math"

	"github.com/asticode/go-astiav"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Bounds of what all encoders take. Larger pictures shrink, smaller ones grow.
const (
	smallestSide  = 16
	largestWidth  = 4096
	largestHeight = 2304
	// mostStretch is the most that a pixel may be wider than high, or the reverse.
	mostStretch = 16
)

// converter makes any picture I420 of limited range, of square pixels, over
// black where it lets something through, and of a size that all encoders take.
// What is that already costs nothing.
type converter struct {
	scaler  *C.struct_SwsContext
	scaling scaling
	// keepsRange leaves full range what it is: for pictures that nobody encodes.
	keepsRange bool
}

type scaling struct {
	sourceWidth, sourceHeight int
	width, height             int
	format                    C.int
	full, alpha               bool
}

func (c *converter) convert(from, to *astiav.Frame) error {
	f := (*C.AVFrame)(from.UnsafePointer())
	s := scaling{
		sourceWidth: int(f.width), sourceHeight: int(f.height), format: f.format,
		full:  isFull(f),
		alpha: C.mscp_has_alpha(f.format) != 0,
	}
	if s.sourceWidth <= 0 || s.sourceHeight <= 0 {
		return astiav.ErrInvaliddata
	}
	width, height := square(s.sourceWidth, s.sourceHeight, int(f.sample_aspect_ratio.num), int(f.sample_aspect_ratio.den))
	s.width, s.height = fit(width, height)
	// A last odd row or column is left out, which costs nothing, rather than scaled away.
	kept := s.width == s.sourceWidth&^1 && s.height == s.sourceHeight&^1
	usual := s.format == C.AV_PIX_FMT_YUV420P && !s.full ||
		c.keepsRange && (s.format == C.AV_PIX_FMT_YUV420P || s.format == C.AV_PIX_FMT_YUVJ420P)
	if kept && usual && f.linesize[0] > 0 && f.linesize[1] > 0 &&
		f.linesize[1] == f.linesize[2] {
		return to.Ref(from)
	}

	format := C.int(C.AV_PIX_FMT_YUV420P)
	if s.alpha {
		format = C.AV_PIX_FMT_YUVA420P
	}
	if c.scaler == nil || c.scaling != s {
		c.close()
		c.scaler = C.mscp_scaler(C.int(s.sourceWidth), C.int(s.sourceHeight), s.format, C.int(flag(s.full)),
			C.int(s.width), C.int(s.height), format, C.int(flag(s.full && c.keepsRange)))
		if c.scaler == nil {
			return errors.New("no way from this format of pixels to I420")
		}
		c.scaling = s
	}
	t := (*C.AVFrame)(to.UnsafePointer())
	t.width, t.height, t.format = C.int(s.width), C.int(s.height), format
	if result := C.sws_scale_frame(c.scaler, t, f); result < 0 {
		return astiav.Error(result)
	}
	if s.alpha {
		C.mscp_over_black(t)
	}
	return nil
}

// describe tells of a picture that was converted what its colours mean.
func (c *converter) describe(from *astiav.Frame, to *media.VideoFrame) {
	f := (*C.AVFrame)(from.UnsafePointer())
	to.FullRange = c.keepsRange && isFull(f)
	switch {
	case C.mscp_is_rgb(f.format) != 0:
		to.Matrix = media.MatrixBT601
	case f.colorspace == C.AVCOL_SPC_UNSPECIFIED, f.colorspace > 255:
		to.Matrix = 0
	default:
		to.Matrix = uint8(f.colorspace)
	}
}

// isFull says that black is 0: by the range, or by the formats that say so with their name.
func isFull(f *C.AVFrame) bool {
	return f.color_range == C.AVCOL_RANGE_JPEG || f.format == C.AV_PIX_FMT_YUVJ420P ||
		f.format == C.AV_PIX_FMT_YUVJ422P || f.format == C.AV_PIX_FMT_YUVJ444P
}

func (c *converter) close() {
	C.sws_freeContext(c.scaler)
	c.scaler = nil
}

// square gives the size of a picture on square pixels. The shorter way is
// stretched, so that nothing of it is lost; damaged ratios count as square.
func square(width, height, num, den int) (int, int) {
	if num <= 0 || den <= 0 || num == den || num/den >= mostStretch || den/num >= mostStretch {
		return width, height
	}
	stretch := float64(num) / float64(den)
	if stretch > 1 {
		return int(math.Round(float64(width) * stretch)), height
	}
	return width, int(math.Round(float64(height) / stretch))
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
