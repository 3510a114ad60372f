package av

// #include <libavcodec/avcodec.h>
// #include <libavutil/display.h>
// #include <libavutil/pixdesc.h>
//
// static const char *mscp_profile_name(const AVCodecParameters *p) {
//   return avcodec_profile_name(p->codec_id, p->profile);
// }
//
// static const char *mscp_pixel_format_name(const AVCodecParameters *p) {
//   return p->codec_type == AVMEDIA_TYPE_VIDEO ? av_get_pix_fmt_name(p->format) : NULL;
// }
//
// // How far pictures are turned to be seen, counter-clockwise in degrees; NAN where the matrix is none.
// static double mscp_rotation(const AVCodecParameters *p) {
//   const AVPacketSideData *side = av_packet_side_data_get(
//       p->coded_side_data, p->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
//   if (!side || side->size < 9 * sizeof(int32_t)) return 0;
//   return av_display_rotation_get((const int32_t *)side->data);
// }
import "C"

import (
	"math"

	"github.com/asticode/go-astiav"
)

func profile(s *astiav.Stream) string {
	return optional(C.mscp_profile_name(codecParameters(s.CodecParameters())))
}

func pixelFormat(s *astiav.Stream) string {
	return optional(C.mscp_pixel_format_name(codecParameters(s.CodecParameters())))
}

// rotation is clockwise, in degrees from 0 to 359.
func rotation(s *astiav.Stream) int {
	degrees := float64(C.mscp_rotation(codecParameters(s.CodecParameters())))
	if math.IsNaN(degrees) {
		return 0
	}
	return (360 - int(math.Round(degrees))%360) % 360
}

func optional(text *C.char) string {
	if text == nil {
		return ""
	}
	return C.GoString(text)
}
