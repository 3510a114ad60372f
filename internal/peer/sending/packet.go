package sending

// packet is one of a stream, as it waits, leaves, and is kept to leave again. What it refers to is shared with other
// streams: nobody changes it.
type packet struct {
	payload, dependencies []byte
	// captured is the NTP time of abs-capture-time; most packets tell none.
	captured  uint64
	timestamp uint32
	sequence  uint16
	marker    bool
	// named packets carry the mid and the rid of their stream.
	named bool
	// level is the loudness as in RFC 6464; 0 is not known.
	level uint8
}

// purpose is why a packet is sent.
type purpose uint8

const (
	original purpose = iota
	// repair is a packet again that the server misses, padding one that it has: of no use but to a probe.
	repair
	padding
)
