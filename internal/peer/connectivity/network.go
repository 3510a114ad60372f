package connectivity

import (
	"context"
	"fmt"
	"io"
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

// Network is the operating system's, with larger buffers and without an
// allocation for each packet.
//
// A restart of ICE keeps its sockets (RFC 8445 section 9 leaves that open): pion
// closes them and opens others at once. The server goes on sending to them
// until a new pair is chosen, which takes two round trips.
type Network struct {
	*stdnet.Net
	spawn   func(name string, f func(ctx context.Context), finally func())
	hasPair func() bool
	opened  func()
	// ctx ends with close.
	ctx     context.Context //nolint:containedctx // ends with close
	cancel  context.CancelFunc
	running sync.WaitGroup
	// left ends with abandon.
	left  context.Context //nolint:containedctx // ends with abandon
	leave context.CancelFunc

	mu      sync.Mutex
	keeping bool
	kept    []*net.UDPConn
	keptTCP []*tcpSocket
	// open are the sockets that abandon closes.
	open    map[io.Closer]struct{}
	closed  bool
	offered offered
	// secure are the TURN servers that are reached by TLS; hasServers says that there are
	// ICE servers at all.
	secure     map[string]bool
	hasServers bool

	counts counts
	burst  burst
	// segment hands packets of one size to the system at once.
	segment func(conn *net.UDPConn, bytes []byte, size int, to netip.AddrPort) error
}

// NewNetwork makes one whose goroutines are started by spawn. hasPair says whether ICE has chosen a way, and opened is told
// of connections over TCP.
func NewNetwork(
	spawn func(name string, f func(ctx context.Context), finally func()), hasPair func() bool, opened func(),
) (*Network, error) {
	std, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}
	n := &Network{
		Net: std, spawn: spawn, open: make(map[io.Closer]struct{}),
		hasPair: hasPair, opened: opened, segment: segmentsOf, offered: anyWay(),
	}
	n.left, n.leave = context.WithCancel(context.Background())
	n.ctx, n.cancel = context.WithCancel(n.left)

	return n, nil
}

// Interfaces implements transport.Net with those that there are now, and what of them
// may reach the server: stdnet's are those that there were at first, and a restart of ICE
// is to find another.
func (n *Network) Interfaces() ([]*pionnet.Interface, error) {
	now, err := stdnet.NewNet()
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}
	all, err := now.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}

	return n.offers().reaching(all), nil
}

// ListenUDP implements transport.Net.
func (n *Network) ListenUDP(family string, address *net.UDPAddr) (pionnet.UDPConn, error) {
	if conn := n.take(address); conn != nil {
		return newUDPConn(conn, n), nil
	}
	if n.ctx.Err() != nil {
		return nil, net.ErrClosed
	}
	conn, err := net.ListenUDP(family, address)
	if err != nil {
		return nil, err
	}

	return newUDPConn(n.adopt(conn), n), nil
}

// Keep makes sockets that are closed from now on wait to be opened again.
func (n *Network) Keep() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keeping = !n.closed
}

// Release closes what was kept and not opened again.
func (n *Network) Release() {
	n.mu.Lock()
	n.keeping = false
	kept, keptTCP := n.kept, n.keptTCP
	n.kept, n.keptTCP = nil, nil
	n.mu.Unlock()
	for _, conn := range kept {
		_ = n.closes(conn)
	}
	for _, socket := range keptTCP {
		_ = socket.Close()
	}
}

// Close is release for good, and the end of what is being opened.
func (n *Network) Close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.cancel()
	n.Release()
}

// Wait returns once the network's goroutines have ended, which those of a closed one do.
func (n *Network) Wait() { n.running.Wait() }

// Abandon closes every socket that is still open, whoever holds it.
func (n *Network) Abandon() {
	n.leave()
	n.mu.Lock()
	defer n.mu.Unlock()
	for socket := range n.open {
		_ = socket.Close()
	}
	clear(n.open)
}

// opens remembers a socket.
func (n *Network) opens(socket io.Closer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open[socket] = struct{}{}
}

// closes closes a socket.
func (n *Network) closes(socket io.Closer) error {
	n.mu.Lock()
	delete(n.open, socket)
	n.mu.Unlock()

	return socket.Close()
}

// run starts a goroutine, unless the network is closed.
func (n *Network) run(name string, f func()) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return false
	}
	n.running.Add(1)
	n.spawn(name, func(context.Context) { f() }, n.running.Done)

	return true
}

// take returns a kept socket of the address, if any port will do.
func (n *Network) take(address *net.UDPAddr) *net.UDPConn {
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
func (n *Network) put(conn *net.UDPConn) bool {
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
	countedConn
	network *Network
	closed  atomic.Bool
	// segments says that the system takes several packets at once.
	segments atomic.Bool
}

func newUDPConn(conn *net.UDPConn, n *Network) *udpConn {
	c := &udpConn{countedConn: countedConn{conn, &n.counts}, network: n}
	c.segments.Store(takesSegments(conn))

	return c
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
	if c.segments.Load() && c.network.burst.gathers.Load() && c.network.burst.add(c, b, to) {
		return len(b), nil
	}
	return c.WriteToUDPAddrPort(b, to)
}

// sendSegments writes bytes as packets of size, and a last one that may be shorter.
func (c *udpConn) sendSegments(bytes []byte, size int, to netip.AddrPort) error {
	return c.network.segment(c.UDPConn, bytes, size, to)
}

// Close gives the socket up.
func (c *udpConn) Close() error {
	if c.closed.Swap(true) || c.network.put(c.UDPConn) {
		return nil
	}
	return c.network.closes(c.UDPConn)
}
