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
	"bytes"
	"runtime"
	"strconv"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// streamFacts is what is kept of FFmpeg's stream, which ends with its demuxer.
type streamFacts struct {
	// parameters is nil when out of memory.
	parameters *parameters
	extradata  []byte
	preference int
	bitrate    int

	decodable, reordered, shownAsCoded bool
}

// parameters are a copy of FFmpeg's, freed when nobody refers to it any more.
type parameters struct{ inner *astiav.CodecParameters }

func factsOf(s *astiav.Stream) streamFacts {
	inner := s.CodecParameters()
	return streamFacts{
		parameters:   copyParameters(inner),
		extradata:    bytes.Clone(inner.ExtraData()),
		preference:   preference(s),
		bitrate:      bitrate(s),
		decodable:    astiav.FindDecoder(inner.CodecID()) != nil,
		reordered:    codecParameters(inner).video_delay > 0,
		shownAsCoded: C.mscp_shown_as_coded(avStream(s)) != 0,
	}
}

// bitrate is the stream's, or what a playlist says of the variant that it is in; 0 where
// neither is known.
func bitrate(s *astiav.Stream) int {
	if known := int(s.CodecParameters().BitRate()); known > 0 {
		return known
	}
	metadata := s.Metadata()
	if metadata == nil {
		return 0
	}
	said := metadata.Get("variant_bitrate", nil, 0)
	if said == nil {
		return 0
	}
	n, err := strconv.Atoi(said.Value())
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// Together reports whether two streams belong to one program, such as a variant of a
// playlist, or there are none.
func (d *Demuxer) Together(a, b Stream) bool {
	programs := d.context.Programs()
	for _, p := range programs {
		has := map[int]bool{}
		for _, s := range p.Streams() {
			has[s.Index()] = true
		}
		if has[a.Index] && has[b.Index] {
			return true
		}
	}
	return len(programs) == 0
}

func copyParameters(of *astiav.CodecParameters) *parameters {
	inner := astiav.AllocCodecParameters()
	if inner == nil {
		return nil
	}
	if of.Copy(inner) != nil {
		inner.Free()
		return nil
	}
	p := &parameters{inner}
	runtime.AddCleanup(p, (*astiav.CodecParameters).Free, inner)
	return p
}

// preference ranks streams of a kind as FFmpeg's players do: those that the file
// marks as default, and those that aren't made for impaired senses.
func preference(s *astiav.Stream) int {
	disposition, n := s.DispositionFlags(), 0
	if disposition.Has(astiav.DispositionFlagDefault) {
		n++
	}
	if !disposition.Has(astiav.DispositionFlagHearingImpaired) &&
		!disposition.Has(astiav.DispositionFlagVisualImpaired) {
		n++
	}
	return n
}

// Decodable reports whether this build has a decoder for the stream.
func (s Stream) Decodable() bool { return s.facts.decodable }

// Preference ranks streams of a kind: the highest is played where none was chosen.
func (s Stream) Preference() int { return s.facts.preference }

// ShownAsCoded reports whether pictures look right without what VideoDecoder does
// to them after decoding: they are upright, of square pixels, progressive and
// opaque, as far as the header tells.
func (s Stream) ShownAsCoded() bool { return s.facts.shownAsCoded }

// Extradata is what the container holds beside the packets: parameter sets and the
// like. It is nil where there is none, and not to be changed.
func (s Stream) Extradata() []byte { return s.facts.extradata }

// Bitrate is what the container says of the stream, in bits a second; 0 is unknown.
func (s Stream) Bitrate() int { return s.facts.bitrate }

// Reordered reports that pictures are known to come in another order than they
// are shown in. Where it reports false that need not be known.
func (s Stream) Reordered() bool { return s.facts.reordered }

// avStream is the C structure, which go-astiav keeps to itself: the first field.
func avStream(s *astiav.Stream) *C.AVStream { return *(**C.AVStream)(unsafe.Pointer(s)) }

// codecParameters is the C structure, which go-astiav keeps to itself: the only
// field of its type.
func codecParameters(p *astiav.CodecParameters) *C.AVCodecParameters {
	return *(**C.AVCodecParameters)(unsafe.Pointer(p))
}
