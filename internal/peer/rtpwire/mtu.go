package rtpwire

import "time"

// MTU is above what any server sends in one packet.
const MTU = 1600

// LongestPacket is above what one packet of sound holds (RFC 6716: 120 ms).
const LongestPacket = 200 * time.Millisecond
