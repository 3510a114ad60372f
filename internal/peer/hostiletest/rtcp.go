package hostiletest

import (
	"encoding/binary"
)

// Kinds of RTCP (RFC 3550, 4585, 3611), and some of nothing.
var rtcpKinds = []byte{200, 201, 202, 203, 204, 205, 206, 207, 192, 195, 209, 255}

// RTCP makes a packet of several, of which something may be wrong; it names SSRCs that there are, most of the time.
func (r Random) RTCP(ssrcs []uint32) []byte {
	var packet []byte
	for range 1 + r.IntN(3) {
		packet = append(packet, r.report(ssrcs)...)
	}
	packet = packet[:min(len(packet), most)]
	if r.IntN(8) == 0 {
		packet = r.mutate(packet)
	}
	// What is not for RTCP would come as something else.
	if len(packet) > 1 {
		packet[0] = packet[0]&0x3f | 0x80
		packet[1] = 192 + packet[1]%32
	}

	return packet
}

func (r Random) report(ssrcs []uint32) []byte {
	ssrc := func() uint32 { return Pick(r, Pick(r, ssrcs...), Pick(r, ssrcs...), r.Word()) }
	var body []byte
	add := func(words ...uint32) {
		for _, word := range words {
			body = binary.BigEndian.AppendUint32(body, word)
		}
	}
	kind, count := Pick(r, rtcpKinds...), byte(r.IntN(32))
	add(ssrc())
	switch kind {
	case 200: // Times of any century.
		add(r.Word(), r.Word(), r.Word(), r.Word(), r.Word())
		fallthrough
	case 201:
		for range r.IntN(32) {
			add(ssrc(), r.Word(), r.Word(), r.Word(), r.Word(), r.Word())
		}
	case 203:
		for range r.IntN(8) {
			add(ssrc())
		}
	case 205:
		count = Pick(r, 1, 15, 15, byte(r.IntN(32)))
		add(ssrc())
		if count == 15 {
			body = append(body, r.arrivals()...)
		} else {
			for range r.IntN(200) {
				add(r.Word()) // Everything is missing.
			}
		}
	case 206:
		count = Pick(r, 1, 4, 15, byte(r.IntN(32)))
		add(ssrc())
		switch count {
		case 4:
			for range r.IntN(20) {
				add(ssrc(), r.Word())
			}
		case 15: // REMB of nothing, and of more than there are networks for.
			body = append(body, "REMB"...)
			add(Pick(r, 0x01000000, 0x01ffffff, 0xffffffff, r.Word()), ssrc())
		}
	case 207:
		for range r.IntN(6) {
			body = append(body, byte(r.IntN(10)), r.byte())
			body = binary.BigEndian.AppendUint16(body, Pick(r, 2, 3, r.half()))
			add(r.Word(), r.Word())
		}
	default:
		body = append(body, r.Bytes(r.IntN(100))...)
	}
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	words := uint16(len(body) / 4) //nolint:gosec // few
	header := []byte{0x80 | count&0x1f, kind, 0, 0}
	binary.BigEndian.PutUint16(header[2:], Pick(r, words, words, words, words, words, words, r.half()))

	return append(header, body...)
}

// arrivals is transport-wide feedback of counts that may be absurd.
func (r Random) arrivals() []byte {
	var body []byte
	body = binary.BigEndian.AppendUint16(body, r.half())
	body = binary.BigEndian.AppendUint16(body, Pick(r, 1, 20, 0xffff, r.half()))
	body = binary.BigEndian.AppendUint32(body, r.Word())
	for range r.IntN(40) {
		// A run of 8191, a vector, or anything.
		body = binary.BigEndian.AppendUint16(body, Pick(r, 0x3fff, 0x1fff, 0xbfff, 0xffff, r.half()))
	}

	return append(body, r.Bytes(r.IntN(100))...)
}
