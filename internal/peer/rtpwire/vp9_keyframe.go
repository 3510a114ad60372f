package rtpwire

// IsVP9Keyframe reads the uncompressed header (VP9 bitstream specification 6.2).
func IsVP9Keyframe(frame []byte) bool {
	if frame[0]>>6 != 2 {
		return false
	}
	bit := 3
	if frame[0]>>4&3 == 3 { // profile 3 has a reserved bit
		bit = 2
	}
	showExisting := frame[0]>>bit&1 == 1
	notKey := frame[0]>>(bit-1)&1 == 1

	return !showExisting && !notKey
}
