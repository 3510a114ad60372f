package peer

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	pionnet "github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
)

// socketBuffer is asked for in both directions: the system's default holds 90
// packets, less than one burst of a server. The system may give less.
const socketBuffer = 2 << 20

// dialLimit is how long a connection over TCP may take to open. By itself the
// system tries for minutes.
const dialLimit = 5 * time.Second

// network is the operating system's, with larger buffers and without an
// allocation for each packet.
//
// A restart of ICE keeps its sockets (RFC 8445 section 9 leaves that open): pion
// closes them and opens others at once. The server goes on sending to them
// until a new pair is chosen, which takes two round trips.
type network struct {
	*stdnet.Net

	mu      sync.Mutex
	keeping bool
	kept    []*net.UDPConn
	closed  bool
}

func newNetwork() (*network, error) {
	std, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}
	return &network{Net: std}, nil
}

// Interfaces implements transport.Net with those that there are now: stdnet's
// are those that there were at first, and a restart of ICE is to find another.
func (n *network) Interfaces() ([]*pionnet.Interface, error) {
	now, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}

	return now.Interfaces()
}

// ListenUDP implements transport.Net.
func (n *network) ListenUDP(family string, address *net.UDPAddr) (pionnet.UDPConn, error) {
	if conn := n.take(address); conn != nil {
		return &udpConn{UDPConn: conn, network: n}, nil
	}
	conn, err := net.ListenUDP(family, address)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	return &udpConn{UDPConn: conn, network: n}, nil
}

// DialTCP implements transport.Net. It is how TURN servers are reached.
func (n *network) DialTCP(family string, local, remote *net.TCPAddr) (pionnet.TCPConn, error) {
	dialer := net.Dialer{Timeout: dialLimit}
	if local != nil {
		dialer.LocalAddr = local
	}
	conn, err := dialer.Dial(family, remote.String())
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		_ = conn.Close()

		return nil, fmt.Errorf("dialing %s: %w", remote, net.UnknownNetworkError(family))
	}

	return tcp, nil
}

// keep makes sockets that are closed from now on wait to be opened again.
func (n *network) keep() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keeping = !n.closed
}

// release closes what was kept and not opened again.
func (n *network) release() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keeping = false
	for _, conn := range n.kept {
		_ = conn.Close()
	}
	n.kept = nil
}

// close is release for good.
func (n *network) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.release()
}

// take returns a kept socket of the address, if any port will do.
func (n *network) take(address *net.UDPAddr) *net.UDPConn {
	n.mu.Lock()
	defer n.mu.Unlock()
	if address == nil || address.Port != 0 {
		return nil
	}
	for i, conn := range n.kept {
		local, ok := conn.LocalAddr().(*net.UDPAddr)
		if ok && local.IP.Equal(address.IP) && local.Zone == address.Zone {
			n.kept = slices.Delete(n.kept, i, i+1)
			_ = conn.SetDeadline(time.Time{})

			return conn
		}
	}

	return nil
}

// put keeps a socket, if this is the time for it.
func (n *network) put(conn *net.UDPConn) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.keeping {
		return false
	}
	// Whoever reads stops: what comes now is for the next owner.
	_ = conn.SetReadDeadline(time.Now())
	n.kept = append(n.kept, conn)

	return true
}

// udpConn implements ice.AddrPortReaderWriter. It owns its socket until Close.
type udpConn struct {
	*net.UDPConn
	network *network
	closed  atomic.Bool
}

// ReadFromAddrPort reads one packet.
func (c *udpConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil && c.closed.Load() {
		err = net.ErrClosed
	}
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), err
}

// WriteToAddrPort writes one packet.
func (c *udpConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	return c.WriteToUDPAddrPort(b, to)
}

// Close gives the socket up.
func (c *udpConn) Close() error {
	if c.closed.Swap(true) || c.network.put(c.UDPConn) {
		return nil
	}
	return c.UDPConn.Close()
}
