package format

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// h264Profile is the three bytes of a profile-level-id (RFC 6184 section 8.1),
// which are those of a sequence parameter set too.
type h264Profile struct {
	idc, constraints, levelIDC byte
	// text is the profile-level-id as it was negotiated.
	text string
}

// The profiles that are told apart.
const (
	profileOther = iota
	profileConstrainedBaseline
	profileBaseline
	profileMain
	profileConstrainedHigh
	profileHigh
	profileHigh444
)

// parseProfileLevelID takes the lowest of all for what is not given (RFC 6184
// section 8.1): baseline, level 1.
func parseProfileLevelID(id string) (h264Profile, bool) {
	if id == "" {
		id = "42000a"
	}
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 3 {
		return h264Profile{}, false
	}
	return h264Profile{idc: raw[0], constraints: raw[1], levelIDC: raw[2], text: id}, true
}

// kind follows table 5 of RFC 6184. constraint_set0_flag is the highest bit.
func (p h264Profile) kind() int {
	set0, set1 := p.constraints&0x80 != 0, p.constraints&0x40 != 0
	switch {
	case p.idc == 66 && set1, p.idc == 77 && set0, p.idc == 88 && set0 && set1:
		return profileConstrainedBaseline
	case p.idc == 66, p.idc == 88 && set0:
		return profileBaseline
	case p.idc == 77:
		return profileMain
	case p.idc == 100 && p.constraints&0x0c == 0x0c:
		return profileConstrainedHigh
	case p.idc == 100:
		return profileHigh
	case p.idc == 244:
		return profileHigh444
	default:
		return profileOther
	}
}

// level in tenths of level_idc, so that 1b lies between 1 and 1.1 (H.264 A.3).
func (p h264Profile) level() int {
	if p.levelIDC == 9 || p.levelIDC == 11 && p.idc <= 88 && p.constraints&0x10 != 0 {
		return 105
	}
	return int(p.levelIDC) * 10
}

func (p h264Profile) levelName() string {
	if p.level() == 105 {
		return "1b"
	}
	return fmt.Sprintf("%d.%d", p.levelIDC/10, p.levelIDC%10)
}

func (p h264Profile) profileName() string {
	switch p.kind() {
	case profileConstrainedBaseline:
		return "Constrained Baseline"
	case profileBaseline:
		return "Baseline"
	case profileMain:
		return "Main"
	case profileConstrainedHigh:
		return "Constrained High"
	case profileHigh:
		return "High"
	case profileHigh444:
		return "High 4:4:4"
	}
	switch p.idc {
	case 88:
		return "Extended"
	case 110:
		return "High 10"
	case 122:
		return "High 4:2:2"
	default:
		return fmt.Sprint(p.idc)
	}
}

// h264SPS is what a sequence parameter set says, as far as it matters here.
type h264SPS struct {
	h264Profile
	chromaFormat, bitDepth int
	// progressive streams have no fields (frame_mbs_only_flag).
	progressive bool
}

// fits reports whether a decoder of the negotiated profile decodes the stream,
// which has no B-frames where it is progressive and called constrained.
func (s h264SPS) fits(negotiated h264Profile) bool {
	switch stream, wanted := s.kind(), negotiated.kind(); stream {
	case wanted:
		return wanted != profileOther
	case profileConstrainedBaseline:
		return wanted != profileOther
	case profileMain:
		return wanted == profileHigh || wanted == profileHigh444 || wanted == profileConstrainedHigh && s.progressive
	case profileHigh:
		return wanted == profileHigh444 || wanted == profileConstrainedHigh && s.progressive
	case profileConstrainedHigh:
		return wanted == profileHigh || wanted == profileHigh444
	default:
		return false
	}
}

var errShortSPS = errors.New("it is cut off")

// parseSPS reads a sequence parameter set (H.264 section 7.3.2.1.1).
func parseSPS(unit []byte) (h264SPS, error) {
	s := h264SPS{chromaFormat: 1, bitDepth: 8}
	if len(unit) < 5 {
		return s, errShortSPS
	}
	s.idc, s.constraints, s.levelIDC = unit[1], unit[2], unit[3]
	bits := newBitReader(unit[4:])
	bits.ue() // seq_parameter_set_id
	switch s.idc {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		s.chromaFormat = int(min(bits.ue(), 4))
		if s.chromaFormat == 3 {
			bits.u(1) // separate_colour_plane_flag
		}
		s.bitDepth = 8 + int(min(bits.ue(), 8))
		s.bitDepth = max(s.bitDepth, 8+int(min(bits.ue(), 8)))
		bits.u(1) // qpprime_y_zero_transform_bypass_flag
		if bits.u(1) == 1 {
			skipScaling(bits, s.chromaFormat)
		}
	}
	bits.ue() // log2_max_frame_num_minus4
	switch bits.ue() {
	case 0:
		bits.ue() // log2_max_pic_order_cnt_lsb_minus4
	case 1:
		bits.u(1) // delta_pic_order_always_zero_flag
		bits.ue() // offset_for_non_ref_pic
		bits.ue() // offset_for_top_to_bottom_field
		for range min(bits.ue(), 255) {
			bits.ue() // offset_for_ref_frame
		}
	}
	bits.ue() // max_num_ref_frames
	bits.u(1) // gaps_in_frame_num_value_allowed_flag
	bits.ue() // pic_width_in_mbs_minus1
	bits.ue() // pic_height_in_map_units_minus1
	s.progressive = bits.u(1) == 1
	if !bits.ok() {
		return s, errShortSPS
	}
	return s, nil
}

// skipScaling reads over the scaling lists (H.264 section 7.3.2.1.1.1).
func skipScaling(bits *bitReader, chromaFormat int) {
	lists := 8
	if chromaFormat == 3 {
		lists = 12
	}
	for list := range lists {
		if bits.u(1) == 0 {
			continue
		}
		size := 16
		if list >= 6 {
			size = 64
		}
		last, next := 8, 8
		for range size {
			if next != 0 {
				next = (last + bits.se() + 256) & 255
			}
			if next != 0 {
				last = next
			}
		}
	}
}
