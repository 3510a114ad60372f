package format

import (
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// What start codes begin in MPEG-2 (ISO/IEC 13818-2 table 6-1).
const (
	mpeg2Picture   = 0x00
	mpeg2Sequence  = 0xb3
	mpeg2Extension = 0xb5
)

// found is what the units of a packet show.
type found struct {
	// h264 and h265 have a sequence's and a picture's parameters.
	h264, h265             [2]bool
	h264Slices, h265Slices bool
	// picture is one of MPEG-2, sequence the head of several, of MPEG-1 too but for its extension.
	picture, sequence, extension bool
}

// look takes units for whatever they could be.
func look(data []byte) (f found) {
	eachAnnexB(data, func(unit []byte) {
		f.picture = f.picture || unit[0] == mpeg2Picture
		f.sequence = f.sequence || unit[0] == mpeg2Sequence
		f.extension = f.extension || f.sequence && unit[0] == mpeg2Extension
		if kind, ok := h265UnitType(unit); ok {
			f.lookH265(kind, unit)
		} else if unit[0]&0x80 == 0 {
			f.lookH264(int(unit[0]&31), unit)
		}
		if kind := unit[0] & 0x9f; kind == nalSlice || kind == nalIDR {
			f.h264Slices = true
		}
	})
	return f
}

func (f *found) lookH265(kind int, unit []byte) {
	switch {
	case kind <= h265LastSlice:
		f.h265Slices = true
	case kind == h265SPSType:
		sps, err := parseH265SPS(unit)
		f.h265[0] = f.h265[0] || err == nil && sps.id < 16 && sps.chromaFormat < 4
	case kind == h265PPS:
		f.h265[1] = true
	}
}

// lookH264 looks at what is no unit of H265: there, such units would be of other layers.
func (f *found) lookH264(kind int, unit []byte) {
	switch kind {
	case nalSPS:
		sps, err := parseSPS(unit)
		f.h264[0] = f.h264[0] || err == nil && sps.isKnown() && sps.chromaFormat < 4
	case nalPPS:
		f.h264[1] = true
	}
}

// isKnown says that it is one of the profiles that single streams are of (H.264 annex A.2).
func (p h264Profile) isKnown() bool {
	return slices.Contains([]byte{44, 66, 77, 88, 100, 110, 122, 244}, p.idc)
}

// CodedAs gives what tells, by FFmpeg's name, as what a packet of the stream is coded: demuxers do not notice where that
// becomes another codec. It is told from what begins pictures, so of most packets it tells nothing. It is nil of streams
// that do not say so.
func CodedAs(stream *av.Stream) func(data []byte) string {
	if !told(stream) {
		return nil
	}
	is := func(sets [2]bool) bool { return sets[0] && sets[1] }
	return func(data []byte) string {
		f := look(data)
		switch {
		case f.extension && f.picture:
			return "mpeg2video"
		case stream.Codec == "mpeg2video" && f.picture:
			// Its slices may look like anything.
			return ""
		case is(f.h265):
			return "hevc"
		case is(f.h264):
			return "h264"
		default:
			return ""
		}
	}
}

// Likely gives what tells whether a packet may be of the codec that the stream says: one that holds a part of a picture.
// Nobody can tell of the other codecs.
func Likely(stream *av.Stream) func(data []byte) bool {
	if !told(stream) {
		return func([]byte) bool { return true }
	}
	return func(data []byte) bool {
		f := look(data)
		switch stream.Codec {
		case "h264":
			return f.h264Slices
		case "hevc":
			return f.h265Slices
		default:
			return f.picture
		}
	}
}

// told reports whether start codes say how a stream is coded.
func told(stream *av.Stream) bool {
	extradata := stream.Extradata()
	return slices.Contains([]string{"h264", "hevc", "mpeg2video"}, stream.Codec) && (len(extradata) == 0 || extradata[0] != 1)
}
