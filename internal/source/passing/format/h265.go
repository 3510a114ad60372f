package format

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Types of NAL units (H.265 table 7-1).
const (
	h265FirstIRAP = 16
	h265LastIRAP  = 23
	h265LastSlice = 31
	h265VPS       = 32
	h265SPSType   = 33
	h265PPS       = 34
)

// h265Format turns access units into Annex B with all parameter sets before each
// picture that can be begun from, and leaves out what no decoder needs
// (delimiters, SEI) and what is of other layers than the first.
type h265Format struct {
	nalFraming

	sets parameterSets
	sps  h265SPS
}

func newH265Format(extradata, first []byte) (Format, string) {
	f := readH265(extradata, first)
	unit := f.sets.first(h265SPSType)
	if unit == nil || f.sets.first(h265VPS) == nil {
		return nil, "its H265 has no parameter sets at its start"
	}
	sps, err := parseH265SPS(unit)
	if err != nil {
		return nil, fmt.Sprintf("its H265 has parameter sets that can't be read: %v", err)
	}
	f.sps = sps
	switch {
	case sps.bitDepth != 8:
		return nil, fmt.Sprintf("its H265 is of %d bit (profile %s), not 8", sps.bitDepth, sps.profileName())
	case sps.chromaFormat != 1:
		return nil, fmt.Sprintf("its H265 is not 4:2:0 (profile %s)", sps.profileName())
	case sps.reordered > 0:
		// Containers do not always tell, but the stream has to.
		return nil, "it holds B-frames"
	}
	return f, ""
}

// readH265 takes what a stream holds beside its packets, and the first of these.
func readH265(extradata, first []byte) *h265Format {
	f := &h265Format{sets: make(parameterSets)}
	if len(extradata) >= 23 && extradata[0] == 1 {
		f.readHVCC(extradata)
	} else {
		eachAnnexB(extradata, f.keep)
	}
	f.each(first, f.keep)
	return f
}

func (f *h265Format) MimeType() string { return codec.MimeH265 }

// Unfit follows RFC 7798 section 7.1, with its values for what is not given.
func (f *h265Format) Unfit(c media.Codec, force bool) string {
	negotiated, ok := parseH265Parameters(Parameters(c))
	switch {
	case !ok:
		return fmt.Sprintf("%q was negotiated, which is no profile, tier and level of H265 in one stream (SRST)", c.Parameters)
	case !f.sps.fits(negotiated.profile):
		return fmt.Sprintf("profile %s was not negotiated (profile-id %d was)", f.sps.profileName(), negotiated.profile)
	case force:
		return ""
	case f.sps.interlaced:
		return unfitInterlaced
	case f.sps.highTier && !negotiated.highTier:
		return "the high tier was not negotiated"
	case f.sps.level > negotiated.level:
		return fmt.Sprintf("level %s is above what was negotiated (%s)", h265LevelName(f.sps.level), h265LevelName(negotiated.level))
	}
	return ""
}

func (f *h265Format) Convert(data []byte) []Unit {
	keyframe, slices := false, false
	size := len(data) + mostUnitOverhead
	f.each(data, func(unit []byte) {
		kind, ok := h265UnitType(unit)
		if !ok {
			return
		}
		keyframe = keyframe || kind >= h265FirstIRAP && kind <= h265LastIRAP
		slices = slices || kind <= h265LastSlice
		f.keep(unit)
	})
	if !slices {
		return nil
	}
	out := make([]byte, 0, size)
	if keyframe {
		out = f.sets.appendTo(out)
	}
	f.each(data, func(unit []byte) {
		kind, ok := h265UnitType(unit)
		if ok && (kind <= h265LastSlice || kind <= h265PPS && !keyframe) {
			out = appendUnit(out, unit)
		}
	})
	return []Unit{{Data: out, Keyframe: keyframe}}
}

func (f *h265Format) Held() time.Duration { return 0 }

func (f *h265Format) Restart() {}

// h265UnitType is of a unit of the first layer, which is all that a decoder of one has.
func h265UnitType(unit []byte) (kind int, ok bool) {
	if len(unit) <= h265UnitHeader || unit[0]&0x81 != 0 || unit[1]>>3 != 0 {
		return 0, false
	}
	return int(unit[0] >> 1), true
}

// h265UnitHeader is how many bytes the header of a unit has.
const h265UnitHeader = 2

// keep remembers a parameter set.
func (f *h265Format) keep(unit []byte) {
	kind, ok := h265UnitType(unit)
	if !ok {
		return
	}
	bits := newBitReader(unit[h265UnitHeader:])
	var id uint32
	switch kind {
	case h265VPS:
		id = bits.u(4)
	case h265SPSType:
		sps, err := parseH265SPS(unit)
		if err != nil || sps.id > 15 {
			return
		}
		id = sps.id
	case h265PPS:
		id = bits.ue()
		ok = id < 64
	default:
		return
	}
	if ok && bits.ok() {
		f.sets.keep(kind, id, unit)
	}
}

// readHVCC takes an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1).
func (f *h265Format) readHVCC(record []byte) {
	f.lengthSize = int(record[21]&3) + 1
	rest := record[23:]
	for range record[22] {
		if len(rest) < 3 {
			return
		}
		var ok bool
		if rest, ok = eachCounted(int(rest[1])<<8|int(rest[2]), rest[3:], f.keep); !ok {
			return
		}
	}
}
