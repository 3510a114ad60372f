package rtpwire

// Traffic is a number of packets and the bytes of their payloads and headers.
type Traffic struct{ Packets, Bytes, Headers uint64 }

// Add counts a packet.
func (t *Traffic) Add(payload, header int) {
	t.Packets++
	t.Bytes += uint64(payload)  //nolint:gosec // never negative
	t.Headers += uint64(header) //nolint:gosec // never negative
}
