package recorder

import (
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/vp9"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// describe is what the head of a container says of a track, as far as frame tells, which may be nil. ok is false where
// that is not enough.
func describe(c media.Codec, frame []byte) (stream av.OutputStream, ok bool) {
	switch mimeType := strings.ToLower(c.MimeType); mimeType {
	case strings.ToLower(codec.MimeOpus):
		return av.OutputStream{Codec: "opus", SampleRate: 48_000, Channels: 2, Extradata: opusHead()}, true
	case strings.ToLower(codec.MimePCMU):
		return av.OutputStream{Codec: "pcm_mulaw", SampleRate: 8000, Channels: 1}, true
	case strings.ToLower(codec.MimePCMA):
		return av.OutputStream{Codec: "pcm_alaw", SampleRate: 8000, Channels: 1}, true
	case strings.ToLower(codec.MimeVP8):
		stream.Codec = "vp8"
		stream.Width, stream.Height = sizeOfVP8(frame)
	case strings.ToLower(codec.MimeVP9):
		stream.Codec = "vp9"
		header := vp9.Header{}
		if header.Unmarshal(frame) == nil && !header.NonKeyFrame && header.FrameSize != nil {
			stream.Width, stream.Height = header.Width(), header.Height()
		}
	case strings.ToLower(codec.MimeH264):
		stream.Codec = "h264"
		stream.Width, stream.Height, stream.Extradata = readH264(frame)
	case strings.ToLower(codec.MimeH265):
		stream.Codec = "hevc"
		stream.Width, stream.Height, stream.Extradata = readH265(frame)
	case strings.ToLower(codec.MimeAV1):
		stream.Codec = "av1"
		stream.Width, stream.Height, stream.Extradata = readAV1(frame)
	}

	return stream, 0 < stream.Width && stream.Width < 1<<16 && 0 < stream.Height && stream.Height < 1<<16
}

// unseen describes a track that has delivered nothing: what its pictures are like, they say themselves.
func unseen(c media.Codec) (stream av.OutputStream, ok bool) {
	if stream, ok = describe(c, nil); ok {
		return stream, true
	}
	stream.Width, stream.Height = 640, 480
	switch stream.Codec {
	case "vp8", "vp9":
		return stream, true
	case "h264":
		// Any valid ones: those in the stream replace them.
		stream.Extradata = annexB(unseenH264())

		return stream, true
	default:
		return stream, false
	}
}

func unseenH264() (units [][]byte) {
	for _, text := range []string{"Z0IAKeKQFAe2AtwEBAaQeJEV", "aM48gA=="} {
		unit, _ := base64.StdEncoding.DecodeString(text)
		units = append(units, unit)
	}

	return units
}

// opusHead is RFC 7845's, section 5.1, of two channels and libopus' usual delay.
func opusHead() []byte {
	head := append([]byte("OpusHead"), 1, 2)
	head = binary.LittleEndian.AppendUint16(head, 312)
	head = binary.LittleEndian.AppendUint32(head, 48_000)

	return append(head, 0, 0, 0)
}

// sizeOfVP8 reads the frame header (RFC 6386 section 9.1).
func sizeOfVP8(frame []byte) (width, height int) {
	if len(frame) < 10 || frame[0]&1 != 0 || frame[3] != 0x9d || frame[4] != 1 || frame[5] != 0x2a {
		return 0, 0
	}

	return int(binary.LittleEndian.Uint16(frame[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(frame[8:]) & 0x3fff)
}

func readH264(frame []byte) (width, height int, sets []byte) {
	var units h264.AnnexB
	if units.Unmarshal(frame) != nil {
		return 0, 0, nil
	}
	var kept [][]byte
	complete := false
	for _, unit := range units {
		switch h264.NALUType(unit[0] & 0x1f) {
		case h264.NALUTypeSPS:
			sps := h264.SPS{}
			if sps.Unmarshal(unit) != nil {
				continue
			}
			width, height = sps.Width(), sps.Height()
			kept = append(kept, unit)
		case h264.NALUTypePPS:
			complete = true
			kept = append(kept, unit)
		}
	}
	if !complete {
		return 0, 0, nil
	}

	return width, height, annexB(kept)
}

func readH265(frame []byte) (width, height int, sets []byte) {
	var units h264.AnnexB
	if units.Unmarshal(frame) != nil {
		return 0, 0, nil
	}
	var kept [][]byte
	kinds := map[h265.NALUType]bool{}
	for _, unit := range units {
		kind := h265.NALUType(unit[0] >> 1 & 0x3f)
		switch kind {
		case h265.NALUType_SPS_NUT:
			sps := h265.SPS{}
			if sps.Unmarshal(unit) != nil {
				continue
			}
			width, height = sps.Width(), sps.Height()
		case h265.NALUType_VPS_NUT, h265.NALUType_PPS_NUT:
		default:
			continue
		}
		kinds[kind] = true
		kept = append(kept, unit)
	}
	if len(kinds) < 3 {
		return 0, 0, nil
	}

	return width, height, annexB(kept)
}

func annexB(units [][]byte) (joined []byte) {
	for _, unit := range units {
		joined = append(append(joined, 0, 0, 0, 1), unit...)
	}

	return joined
}

func readAV1(frame []byte) (width, height int, sequence []byte) {
	var units av1.Bitstream
	if units.Unmarshal(frame) != nil {
		return 0, 0, nil
	}
	for _, unit := range units {
		header := av1.SequenceHeader{}
		if len(unit) == 0 || av1.OBUType(unit[0]>>3&15) != av1.OBUTypeSequenceHeader || header.Unmarshal(unit) != nil {
			continue
		}
		sequence, err := av1.Bitstream{unit}.Marshal()
		if err != nil {
			return 0, 0, nil
		}

		return header.Width(), header.Height(), sequence
	}

	return 0, 0, nil
}
