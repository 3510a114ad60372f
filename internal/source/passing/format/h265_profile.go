package format

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// h265Parameters are those of a media format (RFC 7798 section 7.1).
type h265Parameters struct {
	profile  int
	highTier bool
	// level is thirty times the number of the level, as in the streams.
	level int
}

// parseH265Parameters takes the values that RFC 7798 section 7.1 names for what
// is not given: Main, main tier, level 3.1, one stream.
func parseH265Parameters(parameters map[string]string) (h265Parameters, bool) {
	number := func(name string, otherwise, most int) (int, bool) {
		text, given := parameters[name]
		if !given {
			return otherwise, true
		}
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= 0 && n <= most
	}
	profile, ok1 := number("profile-id", 1, 31)
	tier, ok2 := number("tier-flag", 0, 1)
	level, ok3 := number("level-id", 93, 255)
	mode, given := parameters["tx-mode"]
	ok4 := !given || strings.EqualFold(mode, "SRST")
	return h265Parameters{profile: profile, highTier: tier == 1, level: level}, ok1 && ok2 && ok3 && ok4
}

// h265SPS is what a sequence parameter set says, as far as it matters here.
type h265SPS struct {
	id      uint32
	profile int
	// compatible has a bit for each profile whose decoders take the stream, the highest for 0.
	compatible uint32
	highTier   bool
	// interlaced says that pictures are made of fields (general_interlaced_source_flag).
	interlaced             bool
	level                  int
	chromaFormat, bitDepth int
	// reordered is how many pictures may come before one that is shown before them.
	reordered int
}

// fits reports whether decoders of a profile decode the stream (H.265 section A.3).
func (s h265SPS) fits(profile int) bool {
	return s.profile == profile || s.compatible<<profile>>31 == 1
}

func (s h265SPS) profileName() string {
	switch s.profile {
	case 1:
		return "Main"
	case 2:
		return "Main 10"
	case 3:
		return "Main Still Picture"
	case 4:
		return "of the range extensions"
	default:
		return fmt.Sprint(s.profile)
	}
}

func h265LevelName(level int) string {
	return strconv.FormatFloat(float64(level)/30, 'f', -1, 64)
}

var errShortH265SPS = errors.New("it is cut off")

// parseH265SPS reads a sequence parameter set (H.265 section 7.3.2.2.1) as far as the
// order of its pictures.
func parseH265SPS(unit []byte) (h265SPS, error) {
	s := h265SPS{}
	if len(unit) <= h265UnitHeader {
		return s, errShortH265SPS
	}
	bits := newBitReader(unit[h265UnitHeader:])
	bits.u(4) // sps_video_parameter_set_id
	subLayers := int(bits.u(3))
	bits.u(1) // sps_temporal_id_nesting_flag
	s.readProfile(bits, subLayers)
	s.id = bits.ue()
	s.chromaFormat = int(min(bits.ue(), 4))
	if s.chromaFormat == 3 {
		bits.u(1) // separate_colour_plane_flag
	}
	bits.ue() // pic_width_in_luma_samples
	bits.ue() // pic_height_in_luma_samples
	if bits.u(1) == 1 {
		for range 4 {
			bits.ue() // conf_win_…_offset
		}
	}
	luma, chroma := bits.ue(), bits.ue()
	s.bitDepth = 8 + int(min(max(luma, chroma), 8))
	bits.ue() // log2_max_pic_order_cnt_lsb_minus4
	first := subLayers
	if bits.u(1) == 1 { // sps_sub_layer_ordering_info_present_flag
		first = 0
	}
	for i := first; i <= subLayers; i++ {
		bits.ue() // sps_max_dec_pic_buffering_minus1
		s.reordered = int(min(bits.ue(), 16))
		bits.ue() // sps_max_latency_increase_plus1
	}
	if !bits.ok() {
		return s, errShortH265SPS
	}
	return s, nil
}

// readProfile reads profile_tier_level (H.265 section 7.3.3).
func (s *h265SPS) readProfile(bits *bitReader, subLayers int) {
	bits.u(2) // general_profile_space
	s.highTier = bits.u(1) == 1
	s.profile = int(bits.u(5))
	s.compatible = bits.u(32)
	progressive := bits.u(1) == 1
	s.interlaced = bits.u(1) == 1 && !progressive
	bits.u(46) // the flags of constraints
	s.level = int(bits.u(8))
	var profiles, levels [8]bool
	for i := range subLayers {
		profiles[i], levels[i] = bits.u(1) == 1, bits.u(1) == 1
	}
	if subLayers > 0 {
		bits.u(2 * (8 - subLayers)) // reserved_zero_2bits
	}
	for i := range subLayers {
		if profiles[i] {
			bits.u(88)
		}
		if levels[i] {
			bits.u(8)
		}
	}
}
