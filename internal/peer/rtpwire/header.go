package rtpwire

import "encoding/binary"

// Sizes gives the sizes of the header and of the payload of an RTP packet
// (RFC 3550 section 5.1), without padding.
func Sizes(packet []byte) (header, payload int, ok bool) {
	const fixed = 12
	if len(packet) < fixed {
		return 0, 0, false
	}
	header = fixed + 4*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 {
		if len(packet) < header+4 {
			return 0, 0, false
		}
		header += 4 + 4*int(binary.BigEndian.Uint16(packet[header+2:]))
	}
	payload = len(packet) - header
	if packet[0]&0x20 != 0 {
		payload -= int(packet[len(packet)-1])
	}

	return header, payload, payload >= 0
}

// Extension is the value of a header extension (RFC 8285 section 4) of a
// packet that measure takes; nil if it has none of that number.
func Extension(packet []byte, id uint8) []byte {
	const oneByte, twoBytes, padding, end = 0xbede, 0x1000, 0, 15
	if packet[0]&0x10 == 0 {
		return nil
	}
	at := 12 + 4*int(packet[0]&0x0f)
	profile := binary.BigEndian.Uint16(packet[at:])
	rest := packet[at+4 : min(at+4+4*int(binary.BigEndian.Uint16(packet[at+2:])), len(packet))]
	for len(rest) > 1 {
		if rest[0] == padding {
			rest = rest[1:]

			continue
		}
		number, length, head := rest[0]>>4, int(rest[0]&0x0f)+1, 1
		switch {
		case profile&0xfff0 == twoBytes:
			number, length, head = rest[0], int(rest[1]), 2
		case profile != oneByte || number == end || number == padding:
			// Padding has no length: one that has some ends the elements, as number 15 does.
			return nil
		}
		if len(rest) < head+length {
			return nil
		}
		if number == id {
			return rest[head : head+length]
		}
		rest = rest[head+length:]
	}

	return nil
}
