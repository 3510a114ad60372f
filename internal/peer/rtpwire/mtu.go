package rtpwire

// MTU is above what any server sends in one packet.
const MTU = 1600
