package format

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// ErrFrame is of a frame that is not what its codec says; the text around it tells what is wrong.
var ErrFrame = errors.New("malformed frame")

// Given is the Format of frames that an app made itself. It says what is wrong with one, where those of containers are
// left out. It is of one goroutine at a time, but for Unfit.
type Given struct {
	format Format
	h264   *h264Format
	av1    *av1Format
	check  func(data []byte) string
}

// mostOpus bytes are those of the longest frame of Opus (RFC 6716 section 3.4): what is longer fits in no packet.
const mostOpus = 1275

// NewGiven tells in refusal why there is none. description (may be nil) is an avcC box's content of H264, whose frames
// are of AVCC then; without one they are of Annex B.
func NewGiven(mimeType string, description []byte) (given *Given, refusal string) {
	is := func(mime string) bool { return strings.EqualFold(mimeType, mime) }
	if description != nil && !is(codec.MimeH264) {
		return nil, fmt.Sprintf("a description is of H264 in AVCC, not of %s", mimeType)
	}
	switch {
	case is(codec.MimeH264):
		return newGivenH264(description)
	case is(codec.MimeVP8):
		return &Given{format: vp8Format{}, check: checkVP8}, ""
	case is(codec.MimeVP9):
		return &Given{format: vp9Format{seen: true}, check: checkVP9}, ""
	case is(codec.MimeAV1):
		f := &av1Format{}

		return &Given{format: f, av1: f, check: f.check}, ""
	case is(codec.MimeOpus):
		return &Given{format: opusFormat{}, check: checkOpus}, ""
	case is(codec.MimePCMU), is(codec.MimePCMA), is(codec.MimeG722):
		return &Given{format: wholeOctets(mimeType), check: checkOctets}, ""
	default:
		return nil, fmt.Sprintf("expected video/H264, VP8, VP9 or AV1, or audio/opus, PCMU, PCMA or G722, got %.60q", mimeType)
	}
}

func newGivenH264(description []byte) (*Given, string) {
	f := &h264Format{sets: make(parameterSets)}
	g := &Given{format: f, h264: f}
	if description == nil {
		g.check = checkAnnexB

		return g, ""
	}
	if len(description) < 7 || description[0] != 1 {
		return nil, "the description is no AVCDecoderConfigurationRecord (what an avcC box holds)"
	}
	f.readAVCC(description)
	sps, err := parseSPS(f.sets.first(nalSPS))
	if err != nil {
		return nil, fmt.Sprintf("the description has no sequence parameter set that can be read: %v", err)
	}
	f.sps = sps
	g.check = func(data []byte) string { return checkLengths(data, f.lengthSize) }

	return g, ""
}

// MimeType is that of the frames.
func (g *Given) MimeType() string { return g.format.MimeType() }

// Unfit tells why the frames aren't what c names; "" if they are.
func (g *Given) Unfit(c media.Codec) string {
	if SingleNAL(c) {
		return "packetization-mode 0 was negotiated, which carries NAL units of at most 1140 bytes"
	}
	if g.h264 != nil && g.h264.lengthSize == 0 {
		// The first frame will tell.
		return ""
	}

	return g.format.Unfit(c, true)
}

// Frame makes a Unit of a frame, which is lent; ErrFrame.
func (g *Given) Frame(data []byte) (Unit, error) {
	if len(data) == 0 {
		return Unit{}, fmt.Errorf("%w: it is empty", ErrFrame)
	}
	if wrong := g.check(data); wrong != "" {
		return Unit{}, fmt.Errorf("%w: %s", ErrFrame, wrong)
	}
	units := g.format.Convert(data)
	if len(units) == 0 {
		return Unit{}, fmt.Errorf("%w: %s", ErrFrame, g.missing(data))
	}

	return units[0], nil
}

// missing is why a frame that is well-formed is none.
func (g *Given) missing(data []byte) string {
	switch {
	case g.h264 == nil:
		return fmt.Sprintf("there is no %s frame in it", g.MimeType())
	case LongestUnit(data) > 0 && g.h264.lengthSize == 0 && !hasSlice(data):
		return "there is no slice of a picture in it: parameter sets go with the keyframe that follows them"
	default:
		return "a keyframe came before any sequence parameter set, in it or in a description"
	}
}

func hasSlice(data []byte) (found bool) {
	eachAnnexB(data, func(unit []byte) {
		kind := unit[0] & 31
		found = found || kind >= nalSlice && kind <= nalIDR
	})

	return found
}

func checkAnnexB(data []byte) (wrong string) {
	const zeros = 2
	rest := bytes.TrimLeft(data, "\x00")
	if len(data)-len(rest) < zeros || len(rest) == 0 || rest[0] != 1 {
		return "it does not begin with a start code (00 00 01): H264 without a description is of Annex B"
	}
	eachAnnexB(data, func(unit []byte) {
		if unit[0]&0x80 != 0 {
			wrong = "forbidden_zero_bit of a NAL unit is 1"
		}
	})

	return wrong
}

// checkLengths walks NAL units as ISO/IEC 14496-15 has them.
func checkLengths(data []byte, lengthSize int) string {
	for at := 0; at < len(data); {
		if len(data)-at < lengthSize {
			return fmt.Sprintf("it ends in the length of a NAL unit, at byte %d of %d", at, len(data))
		}
		length := 0
		for _, b := range data[at : at+lengthSize] {
			length = length<<8 | int(b)
		}
		at += lengthSize
		if length > len(data)-at {
			return fmt.Sprintf("a NAL unit at byte %d says it is %d bytes long, and %d are left", at, length, len(data)-at)
		}
		if length > 0 && data[at]&0x80 != 0 {
			return "forbidden_zero_bit of a NAL unit is 1"
		}
		if bytes.Contains(data[at:at+length], startCode) {
			return fmt.Sprintf("the NAL unit at byte %d has a start code in it", at)
		}
		at += length
	}

	return ""
}

// checkVP8 reads a frame header (RFC 6386 section 9.1).
func checkVP8(data []byte) string {
	const tag, keyframe = 3, 10
	switch {
	case len(data) < tag:
		return "it is shorter than the header of a VP8 frame"
	case data[0]&1 == 0 && (len(data) < keyframe || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a):
		return "a VP8 keyframe has 9d 01 2a after its first three bytes"
	}

	return ""
}

func checkVP9(data []byte) string {
	switch {
	case data[0]>>6 != 2:
		return "a VP9 frame begins with the bits 10"
	case vp9Profile(data[0]) != 0:
		return fmt.Sprintf("it is VP9 of profile %d (4:4:4 or more than 8 bit), not 0", vp9Profile(data[0]))
	}

	return ""
}

func (f *av1Format) check(data []byte) string {
	keyframe, sequenced := false, f.sequence != nil
	for at := 0; at < len(data); {
		unit, rest, ok := nextOBU(data[at:])
		if !ok {
			return fmt.Sprintf("no OBU of the low-overhead format (with a size) begins at byte %d of %d", at, len(data))
		}
		switch unit.kind {
		case obuSequenceHeader:
			sequenced = true
		case obuFrame, obuFrameHeader:
			keyframe = keyframe || len(unit.payload) > 0 && unit.payload[0]&0xf0 == 0x10
		}
		at = len(data) - len(rest)
	}
	if keyframe && !sequenced {
		return "a keyframe came before any sequence header"
	}

	return ""
}

func checkOpus(data []byte) string {
	if len(data) > mostOpus {
		return fmt.Sprintf("it has %d bytes, a packet of Opus has at most %d", len(data), mostOpus)
	}
	if opusDuration(data) <= 0 {
		return "it is no packet of Opus"
	}

	return ""
}

func checkOctets(data []byte) string {
	if len(data) > media.MaxPayload {
		return fmt.Sprintf("it has %d bytes, a packet holds at most %d", len(data), media.MaxPayload)
	}

	return ""
}
