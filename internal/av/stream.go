package av

// #include "picture_filter.h"
// #include <libavformat/avformat.h>
// #include <libavutil/pixdesc.h>
//
// // Whether decoders show the stream's pictures the way they are to be seen.
// static int mscp_shown_as_coded(const AVStream *s) {
//   const AVCodecParameters *p = s->codecpar;
//   const AVPacketSideData *side = av_packet_side_data_get(
//       p->coded_side_data, p->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
//   if (side && side->size >= 9 * sizeof(int32_t) && *mscp_upright_matrix((const int32_t *)side->data))
//     return 0;
//   AVRational shape = s->sample_aspect_ratio.num ? s->sample_aspect_ratio : p->sample_aspect_ratio;
//   if (shape.num > 0 && shape.den > 0 && shape.num != shape.den) return 0;
//   const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(p->format);
//   if (d && (d->flags & AV_PIX_FMT_FLAG_ALPHA)) return 0;
//   return p->field_order == AV_FIELD_UNKNOWN || p->field_order == AV_FIELD_PROGRESSIVE;
// }
import "C"

import (
	"unsafe"

	"github.com/asticode/go-astiav"
)

// Decodable reports whether this build has a decoder for the stream. Not after the
// demuxer's Close.
func (s Stream) Decodable() bool {
	return astiav.FindDecoder(s.stream.CodecParameters().CodecID()) != nil
}

// Preference ranks streams of a kind as FFmpeg's players do: those that the file
// marks as default, and those that aren't made for impaired senses. Not after the demuxer's Close.
func (s Stream) Preference() int {
	disposition, n := s.stream.DispositionFlags(), 0
	if disposition.Has(astiav.DispositionFlagDefault) {
		n++
	}
	if !disposition.Has(astiav.DispositionFlagHearingImpaired) &&
		!disposition.Has(astiav.DispositionFlagVisualImpaired) {
		n++
	}
	return n
}

// ShownAsCoded reports whether pictures look right without what VideoDecoder does
// to them after decoding: they are upright, of square pixels, progressive and
// opaque, as far as the header tells. Not after the demuxer's Close.
func (s Stream) ShownAsCoded() bool { return s.shownAsCoded }

func shownAsCoded(s *astiav.Stream) bool { return C.mscp_shown_as_coded(avStream(s)) != 0 }

// avStream is the C structure, which go-astiav keeps to itself: the first field.
func avStream(s *astiav.Stream) *C.AVStream { return *(**C.AVStream)(unsafe.Pointer(s)) }
