package rtpwire

// Traffic is a number of packets and the bytes of their payloads and headers.
type Traffic struct{ Packets, Bytes, Headers uint64 }
