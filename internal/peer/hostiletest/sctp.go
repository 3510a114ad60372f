package hostiletest

import (
	"encoding/binary"
	"hash/crc32"
	"net"
	"sync/atomic"
)

const (
	sctpPort   = 5000
	sctpHeader = 12
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sctpConn is DTLS as SCTP has it, between whose packets others are put.
type sctpConn struct {
	net.Conn
	// tag is what the client knows the association by.
	tag atomic.Uint32
}

func (c *sctpConn) Write(packet []byte) (int, error) {
	if len(packet) >= sctpHeader {
		if tag := binary.BigEndian.Uint32(packet[4:]); tag != 0 {
			c.tag.Store(tag)
		}
	}

	return c.Conn.Write(packet)
}

func (c *sctpConn) inject(chunks []byte) {
	packet := make([]byte, sctpHeader, sctpHeader+len(chunks))
	binary.BigEndian.PutUint16(packet, sctpPort)
	binary.BigEndian.PutUint16(packet[2:], sctpPort)
	binary.BigEndian.PutUint32(packet[4:], c.tag.Load())
	packet = append(packet, chunks...)
	// RFC 9260 appendix A: the one that is little-endian.
	binary.LittleEndian.PutUint32(packet[8:], crc32.Checksum(packet, castagnoli))
	_, _ = c.Conn.Write(packet)
}
