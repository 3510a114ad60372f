package peer

import (
	"fmt"
	"net"
	"net/netip"

	pionnet "github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
)

// socketBuffer is asked for in both directions: the system's default holds 90
// packets, less than one burst of a server. The system may give less.
const socketBuffer = 2 << 20

// network is the operating system's, with larger buffers and without an
// allocation for each packet.
type network struct{ *stdnet.Net }

func newNetwork() (*network, error) {
	std, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}
	return &network{std}, nil
}

// ListenUDP implements transport.Net.
func (n *network) ListenUDP(family string, address *net.UDPAddr) (pionnet.UDPConn, error) {
	conn, err := net.ListenUDP(family, address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return udpConn{conn}, nil
}

// udpConn implements ice.AddrPortReaderWriter.
type udpConn struct{ *net.UDPConn }

// ReadFromAddrPort reads one packet.
func (c udpConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
}

// WriteToAddrPort writes one packet.
func (c udpConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return c.WriteToUDPAddrPort(b, to)
}
