package jitter

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/av1"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/vp9"
	"github.com/pion/rtp/codecs"
	"github.com/pion/rtp/codecs/av1/obu"
	"github.com/pion/webrtc/v4"
)

// pictureSize is in pixels.
type pictureSize struct{ width, height int }

// PictureSizeOf gives what reads the size from the one RTP payload of a keyframe
// that has it; nil where the codec is not known. Other payloads give false, soon.
func PictureSizeOf(mimeType string) func(payload []byte) (width, height int, ok bool) {
	read := sizeReader(mimeType)
	if read == nil {
		return nil
	}

	return func(payload []byte) (width, height int, ok bool) {
		size, ok := read(payload)

		return size.width, size.height, ok
	}
}

func sizeReader(mimeType string) func(payload []byte) (pictureSize, bool) {
	switch strings.ToLower(mimeType) {
	case strings.ToLower(webrtc.MimeTypeVP8):
		return sizeInVP8
	case strings.ToLower(webrtc.MimeTypeVP9):
		return sizeInVP9
	case strings.ToLower(webrtc.MimeTypeH264):
		return sizeInH264
	case strings.ToLower(webrtc.MimeTypeH265):
		return sizeInH265
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
	if len(payload) == 0 || payload[0]&0x08 == 0 {
		return pictureSize{}, false
	}
	p := codecs.VP9Packet{}
	frame, err := p.Unmarshal(payload)
	if err != nil || p.V && p.NS > 0 {
		return pictureSize{}, false
	}
	header := vp9.Header{}
	err = header.Unmarshal(frame)

	return pictureSize{header.Width(), header.Height()}, err == nil && !header.NonKeyFrame && header.FrameSize != nil
}

// sizeInH264 looks for a sequence parameter set (RFC 6184 section 5.2).
func sizeInH264(payload []byte) (pictureSize, bool) {
	if len(payload) > 0 && payload[0]&0x1f == h264STAPA {
		payload = unitOf(payload[1:], func(header byte) bool { return header&0x1f == h264SPS })
	}
	if len(payload) == 0 || payload[0]&0x1f != h264SPS {
		return pictureSize{}, false
	}
	sps := h264.SPS{}
	err := sps.Unmarshal(payload)

	return possible(sps.Width(), sps.Height(), err)
}

// sizeInH265 looks for a sequence parameter set (RFC 7798 section 4.4).
func sizeInH265(payload []byte) (pictureSize, bool) {
	kind := func(header byte) byte { return header >> 1 & 0x3f }
	if len(payload) > 2 && kind(payload[0]) == h265Aggregated {
		payload = unitOf(payload[2:], func(header byte) bool { return kind(header) == h265SPS })
	}
	if len(payload) == 0 || kind(payload[0]) != h265SPS {
		return pictureSize{}, false
	}
	sps := h265.SPS{}
	err := sps.Unmarshal(payload)

	return possible(sps.Width(), sps.Height(), err)
}

// unitOf finds a NAL unit among those that share a packet; nil if there is none.
func unitOf(units []byte, is func(header byte) bool) []byte {
	for len(units) > 2 {
		length := int(binary.BigEndian.Uint16(units))
		if units = units[2:]; length == 0 || length > len(units) {
			return nil
		}
		if is(units[0]) {
			return units[:length]
		}
		units = units[length:]
	}

	return nil
}

// possible leaves out what cropping makes impossible.
func possible(width, height int, err error) (pictureSize, bool) {
	return pictureSize{width, height}, err == nil && 0 < width && width < 1<<16 && 0 < height && height < 1<<16
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

	// Without the extension that layers have, which the reader does not know.
	sequence := av1.SequenceHeader{}
	err = sequence.Unmarshal(append([]byte{byte(obu.OBUSequenceHeader) << 3}, element[header.Size():]...))

	return possible(sequence.Width(), sequence.Height(), err)
}
