package connectivity

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

const (
	// tcpWait is for how long TCP waits for UDP, where the server has both. It is twice what
	// RFC 8305 section 5 waits before it tries the next way: of bots that join a busy machine
	// together some were late for that, and stayed with TCP.
	tcpWait = 500 * time.Millisecond
	// activePort is the port of candidates that open connections (RFC 6544 section 4.1).
	activePort = 9
	// reopenAfter is how long a connection that was written to may say nothing before
	// another is opened, and keptReopenAfter if it was kept over a restart of ICE.
	reopenAfter     = disconnectedTimeout
	keptReopenAfter = time.Second
	// reopenInterval is between two connections at least: one that the server ends at once would be opened by each packet.
	reopenInterval = 500 * time.Millisecond
)

// tcpTypeToOpen is the tcptype (RFC 6544 section 4.5) that candidates of the server
// get: pion pairs those that are passive with candidates of its own alone.
const tcpTypeToOpen = "so"

// openable is a candidate of the server, written so that activeTCP's are paired with it if it is passive.
func openable(candidate string) string {
	return strings.Replace(candidate, " tcptype passive", " tcptype "+tcpTypeToOpen, 1)
}

// activeTCP gives pion its local candidates of ICE-TCP (RFC 6544). It is an
// ice.TCPMux, which pion has for connections that others open to it; these open
// connections to the server. pion's own active candidates begin at once, so that
// they often win against UDP; they ignore the policy "relay"; and a restart closes
// their connections, at which the server takes the client for gone.
type activeTCP struct{ network *Network }

// GetConnByUfrag implements ice.TCPMux.
func (t activeTCP) GetConnByUfrag(_ string, _ bool, local net.IP) (net.PacketConn, error) {
	ip, ok := netip.AddrFromSlice(local)
	if !ok {
		return nil, fmt.Errorf("opening ICE-TCP: %w", &net.AddrError{Err: "invalid address", Addr: local.String()})
	}
	socket := t.network.tcpSocket(ip.Unmap())
	if socket == nil {
		return nil, net.ErrClosed
	}
	socket.adopt()

	return &tcpConn{socket: socket, closed: make(chan struct{})}, nil
}

// GetAllConns implements ice.AllConnsGetter, which may give none: where the server has no TCP.
func (t activeTCP) GetAllConns(ufrag string, isIPv6 bool, local net.IP) ([]net.PacketConn, error) {
	if !t.network.offers().tcp {
		return nil, nil
	}
	conn, err := t.GetConnByUfrag(ufrag, isIPv6, local)
	if err != nil {
		return nil, err
	}

	return []net.PacketConn{conn}, nil
}

// RemoveConnByUfrag implements ice.TCPMux: pion closes what it was given.
func (activeTCP) RemoveConnByUfrag(string) {}

// Close implements ice.TCPMux: the network outlives it.
func (activeTCP) Close() error { return nil }

// tcpConn implements ice.AddrPortReaderWriter. It owns its socket until Close.
type tcpConn struct {
	socket *tcpSocket
	once   sync.Once
	closed chan struct{}
}

// ReadFromAddrPort reads one packet.
func (c *tcpConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	case p := <-c.socket.packets:
		defer packetPool.Put(p.data)

		return copy(b, (*p.data)[:p.size]), p.from, nil
	}
}

// WriteToAddrPort writes one packet.
func (c *tcpConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
		return c.socket.write(b, to)
	}
}

// ReadFrom implements net.PacketConn.
func (c *tcpConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromAddrPort(b)

	return n, net.TCPAddrFromAddrPort(from), err
}

// WriteTo implements net.PacketConn.
func (c *tcpConn) WriteTo(b []byte, to net.Addr) (int, error) {
	address, ok := to.(*net.TCPAddr)
	if !ok {
		return 0, net.InvalidAddrError(to.Network())
	}

	return c.WriteToAddrPort(b, address.AddrPort())
}

// Close gives the socket up.
func (c *tcpConn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		if !c.socket.network.putTCP(c.socket) {
			_ = c.socket.Close()
		}
	})

	return nil
}

// LocalAddr implements net.PacketConn.
func (c *tcpConn) LocalAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.socket.ip, activePort))
}

// SetDeadline implements net.PacketConn. Reads end with Close, and writes do not wait.
func (c *tcpConn) SetDeadline(time.Time) error      { return nil }
func (c *tcpConn) SetReadDeadline(time.Time) error  { return nil }
func (c *tcpConn) SetWriteDeadline(time.Time) error { return nil }

// packetPool has buffers of one packet.
var packetPool = sync.Pool{New: func() any { return new([rtpwire.MTU]byte) }} //nolint:gochecknoglobals // a pool

type tcpPacket struct {
	data *[rtpwire.MTU]byte
	size int
	from netip.AddrPort
}

// tcpSocket is the connections from one of this machine's addresses, each opened
// by the first packet for its server. A restart of ICE keeps them.
type tcpSocket struct {
	network *Network
	ip      netip.Addr
	packets chan tcpPacket

	mu    sync.Mutex
	links map[netip.AddrPort]*tcpLink
	// opened are those that there was a connection to, which may be the way that ICE has chosen, and when one was opened last.
	opened map[netip.AddrPort]time.Time
	closed bool
}

func newTCPSocket(n *Network, ip netip.Addr) *tcpSocket {
	return &tcpSocket{
		network: n, ip: ip, packets: make(chan tcpPacket),
		links: make(map[netip.AddrPort]*tcpLink), opened: make(map[netip.AddrPort]time.Time),
	}
}

func (s *tcpSocket) write(b []byte, to netip.AddrPort) (int, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()

		return 0, net.ErrClosed
	}
	link := s.links[to]
	if link != nil && link.isDead() {
		link.close()
		link = nil
	}
	if link == nil {
		link = newTCPLink(s, to)
		link.openedAt = s.opened[to]
		if !link.openedAt.IsZero() {
			s.opened[to] = slices.MaxFunc([]time.Time{time.Now(), link.openedAt.Add(reopenInterval)}, time.Time.Compare)
		}
		if !s.network.run("ICE over TCP", link.run) {
			s.mu.Unlock()
			link.close()

			return 0, net.ErrClosed
		}
		s.links[to] = link
	}
	s.mu.Unlock()
	link.write(b)

	return len(b), nil
}

// note remembers that a link is open.
func (s *tcpSocket) note(link *tcpLink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[link.remote] = time.Now()
}

// forget leaves out a link that has ended.
func (s *tcpSocket) forget(link *tcpLink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.links[link.remote] == link {
		delete(s.links, link.remote)
	}
}

// adopt says that the socket has an owner anew.
func (s *tcpSocket) adopt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, link := range s.links {
		link.wait(keptReopenAfter)
	}
}

// Close closes the connections.
func (s *tcpSocket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, link := range s.links {
		link.close()
	}

	return nil
}
