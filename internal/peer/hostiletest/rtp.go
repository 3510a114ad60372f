package hostiletest

import (
	"encoding/binary"

	"github.com/pion/rtp"
)

// Stream is what the packets of a stream are known by, and where it is.
type Stream struct {
	SSRC, RTX                   uint32
	PayloadType, RTXPayloadType uint8
	next                        uint16
}

// number is that of the next packet: one more than the last, most of the time.
func (s *Stream) number(r Random) uint16 {
	s.next += Pick[uint16](r, 1, 1, 1, 1, 1, 1, 2, 2, 3, 50, 700, 0x7ffe)
	if r.IntN(8) == 0 {
		return s.next - uint16(r.IntN(100)) //nolint:gosec // few
	}

	return s.next
}

// most of a payload.
const most = 1100

// extensionProfiles are those of one byte, of two, and of nothing that is known.
var extensionProfiles = []uint16{0xBEDE, 0x1000, 0x100f, 0x4242}

// RTP makes a packet of one of the streams: of a codec's payload, changed, behind a header of which something may
// be wrong.
func (r Random) RTP(streams []*Stream) []byte {
	s := Pick(r, streams...)
	h := rtp.Header{
		Version: 2, Marker: r.IntN(2) == 0, PayloadType: s.PayloadType,
		SequenceNumber: s.number(r), Timestamp: r.Word(), SSRC: s.SSRC,
	}
	payload := r.mutate(r.payload())
	if s.RTX != 0 && r.IntN(3) == 0 {
		h.SSRC, h.PayloadType = s.RTX, s.RTXPayloadType
		payload = append(binary.BigEndian.AppendUint16(nil, r.half()), payload...)
		payload = payload[:r.IntN(len(payload)+1)]
	}
	if r.IntN(8) == 0 {
		h.PayloadType = uint8(r.IntN(128)) //nolint:gosec // seven bits
	}
	for range Pick(r, 0, 0, 0, 1, 15) {
		h.CSRC = append(h.CSRC, r.Word())
	}
	packet, err := h.Marshal()
	if err != nil {
		panic(err)
	}
	if r.IntN(3) == 0 {
		packet = r.extend(packet)
	}
	packet = append(packet, payload...)
	if r.IntN(8) == 0 {
		// Padding, of which there may be more than there is.
		packet[0] |= 0x20
		packet = append(packet, r.byte())
	}
	if r.IntN(16) == 0 {
		packet[0] = r.byte()&0x3f | 0x80
	}
	if r.IntN(16) == 0 {
		packet = packet[:r.IntN(len(packet))]
	}

	return packet
}

// extend puts header extensions behind a header, whose sizes are not always true.
func (r Random) extend(packet []byte) []byte {
	packet[0] |= 0x10
	words := Pick(r, 0, 1, 2, 8, 200)
	body := r.Bytes(words * 4)
	if len(body) > 1 && r.IntN(2) == 0 {
		body[0] = byte(r.IntN(256))
		body[1] = r.byte()
	}
	packet = binary.BigEndian.AppendUint16(packet, Pick(r, extensionProfiles...))
	packet = binary.BigEndian.AppendUint16(packet, Pick(r, uint16(words), uint16(words), uint16(words), r.half())) //nolint:gosec // few

	return append(packet, body...)
}

// payload is the beginning of one of each codec, and of none.
func (r Random) payload() []byte {
	size := Pick(r, 0, 1, 2, 10, 100, most)
	rest := r.Bytes(size)
	begins := [][]byte{
		nil,
		{0x90, 0x80, 0x81, 0x01, 0x10},       // VP8: an extended descriptor of a long picture number
		{0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a}, // VP8: a keyframe
		{0xff, 0x80, 0x01, 0xff, 0xff, 0xff, 0x2a}, // VP9: all of its descriptor
		{0x8a, 0x81, 0x02, 0x38, 0x05, 0x00},       // VP9: a scalability structure
		{0x10, 0x0a, 0x0b, 0x00, 0x00, 0x00, 0x24}, // AV1: one unit
		{0xf8, 0xff, 0xff, 0x7f, 0x0a},             // AV1: units of sizes beyond it
		{0x78, 0x00, 0x04, 0x67, 0x42, 0xff, 0xff}, // H264: STAP-A with a size beyond it
		{0x7c, 0x85, 0x88},                         // H264: FU-A, the first
		{0x7c, 0x45, 0x88},                         // H264: FU-A, the last
		{0x60, 0x01, 0x00, 0x04, 0x40, 0x01, 0xff}, // H265: an aggregation
		{0x62, 0x01, 0x93, 0xff},                   // H265: a fragment, the first
		{0x64, 0x01, 0xff, 0xff},                   // H265: PACI
		{0xff, 0xff, 0xff, 0xff},                   // Opus: frames of impossible counts
		{0x03, 0x3f, 0xff},                         // Opus: code 3
		{0x80, 0x00, 0x01, 0x67, 0x64, 0x00, 0x1f}, // H264: reserved
	}

	return append(append([]byte(nil), Pick(r, begins...)...), rest...)
}
