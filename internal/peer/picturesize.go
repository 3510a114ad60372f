package peer

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/pion/rtp/codecs"
	"github.com/pion/rtp/codecs/av1/obu"
	"github.com/pion/webrtc/v4"
)

// pictureSize is in pixels.
type pictureSize struct{ width, height int }

// pictureSizeOf gives what reads the size from the one RTP payload of a keyframe
// that has it; nil where the codec is not known. Other payloads give false, soon.
func pictureSizeOf(mimeType string) func(payload []byte) (pictureSize, bool) {
	switch strings.ToLower(mimeType) {
	case strings.ToLower(webrtc.MimeTypeVP8):
		return sizeInVP8
	case strings.ToLower(webrtc.MimeTypeVP9):
		return sizeInVP9
	case strings.ToLower(webrtc.MimeTypeH264):
		return sizeInH264
	case strings.ToLower(webrtc.MimeTypeAV1):
		return sizeInAV1
	default:
		return nil
	}
}

// sizeInVP8 reads the frame header (RFC 6386 section 9.1).
func sizeInVP8(payload []byte) (pictureSize, bool) {
	if !beginsVP8(payload) {
		return pictureSize{}, false
	}
	frame, err := (&codecs.VP8Packet{}).Unmarshal(payload)
	if err != nil || len(frame) < 10 || frame[0]&1 != 0 || !bytes.Equal(frame[3:6], []byte{0x9d, 0x01, 0x2a}) {
		return pictureSize{}, false
	}

	return pictureSize{
		int(binary.LittleEndian.Uint16(frame[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(frame[8:]) & 0x3fff),
	}, true
}

// sizeInVP9 reads the uncompressed header (VP9 bitstream specification 6.2). Of
// several spatial layers it is not known which is the last that comes.
func sizeInVP9(payload []byte) (pictureSize, bool) {
	const rgb = 7
	if len(payload) == 0 || payload[0]&0x08 == 0 {
		return pictureSize{}, false
	}
	p := codecs.VP9Packet{}
	frame, err := p.Unmarshal(payload)
	if err != nil || p.V && p.NS > 0 || len(frame) == 0 || !isVP9Keyframe(frame) {
		return pictureSize{}, false
	}
	b := bitReader{data: frame}
	b.skip(2)
	profile := b.read(1) | b.read(1)<<1
	if profile == 3 {
		b.skip(1)
	}
	b.skip(4)
	if b.read(24) != 0x498342 {
		return pictureSize{}, false
	}
	if profile >= 2 {
		b.skip(1)
	}
	if b.read(3) != rgb {
		b.skip(1)
		if profile&1 == 1 {
			b.skip(3)
		}
	} else if profile&1 == 1 {
		b.skip(1)
	}
	size := pictureSize{int(b.read(16)) + 1, int(b.read(16)) + 1}

	return size, b.err == nil
}

// sizeInH264 looks for a sequence parameter set (RFC 6184 section 5.2).
func sizeInH264(payload []byte) (pictureSize, bool) {
	if len(payload) == 0 {
		return pictureSize{}, false
	}
	if payload[0]&0x1f == h264SPS {
		return sizeInSPS(payload[1:])
	}
	if payload[0]&0x1f != h264STAPA {
		return pictureSize{}, false
	}
	for rest := payload[1:]; len(rest) > 2; {
		length := int(binary.BigEndian.Uint16(rest))
		if rest = rest[2:]; length == 0 || length > len(rest) {
			break
		}
		if rest[0]&0x1f == h264SPS {
			return sizeInSPS(rest[1:length])
		}
		rest = rest[length:]
	}

	return pictureSize{}, false
}

// sizeInSPS reads seq_parameter_set_data (ITU-T H.264 section 7.3.2.1.1).
func sizeInSPS(data []byte) (pictureSize, bool) {
	b := bitReader{data: bytes.ReplaceAll(data, []byte{0, 0, 3}, []byte{0, 0})}
	profile := b.read(8)
	b.skip(16)
	b.ue()
	chroma := uint32(1)
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		if chroma = b.ue(); chroma == 3 {
			b.skip(1)
		}
		b.ue()
		b.ue()
		b.skip(1)
		if b.flag() {
			// Scaling lists: no encoder of the web writes them.
			return pictureSize{}, false
		}
	}
	b.ue()
	switch b.ue() {
	case 0:
		b.ue()
	case 1:
		b.skip(1)
		b.ue()
		b.ue()
		for range min(b.ue(), 255) {
			b.ue()
		}
	}
	b.ue()
	b.skip(1)
	width, units := 16*(int(b.ue())+1), int(b.ue())+1
	fields := 2
	if b.flag() {
		fields = 1
	} else {
		b.skip(1)
	}
	height := 16 * units * fields
	b.skip(1)
	if b.flag() {
		x, y := 1, fields
		if chroma == 1 || chroma == 2 {
			x = 2
		}
		if chroma == 1 {
			y *= 2
		}
		width -= x * (int(b.ue()) + int(b.ue()))
		height -= y * (int(b.ue()) + int(b.ue()))
	}

	return pictureSize{width, height}, b.err == nil && 0 < width && width < 1<<16 && 0 < height && height < 1<<16
}

// sizeInAV1 reads the sequence header, which comes first (AV1 RTP section 4.4).
func sizeInAV1(payload []byte) (pictureSize, bool) {
	if !beginsAV1(payload) {
		return pictureSize{}, false
	}
	element := payload[1:]
	if count := payload[0] >> 4 & 3; count != 1 {
		length, n, err := obu.ReadLeb128(element)
		if err != nil || uint64(length)+uint64(n) > uint64(len(element)) {
			return pictureSize{}, false
		}
		element = element[n : n+length]
	}
	header, err := obu.ParseOBUHeader(element)
	if err != nil || header.Type != obu.OBUSequenceHeader || header.HasSizeField {
		return pictureSize{}, false
	}

	return sizeInSequenceHeader(element[header.Size():])
}

// sizeInSequenceHeader reads sequence_header_obu (AV1 bitstream specification 5.5.1).
func sizeInSequenceHeader(data []byte) (pictureSize, bool) {
	b := bitReader{data: data}
	b.skip(4)
	if b.flag() {
		b.skip(5)
	} else {
		skipOperatingPoints(&b)
	}
	widthBits, heightBits := int(b.read(4))+1, int(b.read(4))+1
	size := pictureSize{int(b.read(widthBits)) + 1, int(b.read(heightBits)) + 1}

	return size, b.err == nil
}

func skipOperatingPoints(b *bitReader) {
	decoderModel, delayBits := false, 0
	if b.flag() {
		b.skip(64)
		if b.flag() {
			b.ue()
		}
		if decoderModel = b.flag(); decoderModel {
			delayBits = int(b.read(5)) + 1
			b.skip(42)
		}
	}
	displayDelay := b.flag()
	for range b.read(5) + 1 {
		b.skip(12)
		if b.read(5) > 7 {
			b.skip(1)
		}
		if decoderModel && b.flag() {
			b.skip(2*delayBits + 1)
		}
		if displayDelay && b.flag() {
			b.skip(4)
		}
	}
}
