package connectivity

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
)

// Traffic is what sockets have carried: packets of ICE, DTLS, SRTP and SRTCP, with the headers of TURN but none below.
// Over TCP a packet received is what one read gave.
type Traffic struct {
	PacketsSent, BytesSent, PacketsReceived, BytesReceived uint64
	// PacketsDropped are those that the system, or a connection of TCP, did not take.
	PacketsDropped uint64
}

// Plus is the sum of both.
func (t Traffic) Plus(o Traffic) Traffic {
	t.PacketsSent += o.PacketsSent
	t.BytesSent += o.BytesSent
	t.PacketsReceived += o.PacketsReceived
	t.BytesReceived += o.BytesReceived
	t.PacketsDropped += o.PacketsDropped

	return t
}

// counts are a network's, each of its own: what it sends and what it receives is counted by different goroutines.
type counts struct {
	packetsSent, bytesSent, packetsReceived, bytesReceived, packetsDropped atomic.Uint64
}

func (c *counts) sent(packets, bytes int) {
	c.packetsSent.Add(uint64(packets)) //nolint:gosec // never negative
	c.bytesSent.Add(uint64(bytes))     //nolint:gosec // never negative
}

func (c *counts) received(bytes int) {
	c.packetsReceived.Add(1)
	c.bytesReceived.Add(uint64(bytes)) //nolint:gosec // never negative
}

func (c *counts) dropped(packets int) { c.packetsDropped.Add(uint64(packets)) } //nolint:gosec // never negative

// wrote counts a packet that the system was given, and did not take if err says so.
func (c *counts) wrote(bytes int, err error) {
	switch {
	case err == nil:
		c.sent(1, bytes)
	case !errors.Is(err, net.ErrClosed):
		c.dropped(1)
	}
}

// Traffic is what the network's sockets have carried since its beginning.
func (n *Network) Traffic() Traffic {
	return Traffic{
		PacketsSent: n.counts.packetsSent.Load(), BytesSent: n.counts.bytesSent.Load(),
		PacketsReceived: n.counts.packetsReceived.Load(), BytesReceived: n.counts.bytesReceived.Load(),
		PacketsDropped: n.counts.packetsDropped.Load(),
	}
}

// Sockets is how many are open.
func (n *Network) Sockets() int {
	n.mu.Lock()
	defer n.mu.Unlock()

	return len(n.open)
}

// countedConn is a UDP socket whose packets are counted.
type countedConn struct {
	*net.UDPConn
	counts *counts
}

// ReadFromUDPAddrPort reads one packet.
func (c countedConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := c.UDPConn.ReadFromUDPAddrPort(b)
	if err == nil {
		c.counts.received(n)
	}

	return n, from, err
}

// WriteToUDPAddrPort writes one packet.
func (c countedConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	n, err := c.UDPConn.WriteToUDPAddrPort(b, to)
	c.counts.wrote(len(b), err)

	return n, err
}

// ReadFrom implements net.PacketConn.
func (c countedConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.UDPConn.ReadFrom(b)
	if err == nil {
		c.counts.received(n)
	}

	return n, from, err
}

// WriteTo implements net.PacketConn.
func (c countedConn) WriteTo(b []byte, to net.Addr) (int, error) {
	n, err := c.UDPConn.WriteTo(b, to)
	c.counts.wrote(len(b), err)

	return n, err
}

// turnConn is the socket to a TURN server, which a restart of ICE does not keep: the server knows it by its address, and
// gives that but one relay.
type turnConn struct {
	countedConn
	network *Network
}

// Close implements net.PacketConn.
func (c turnConn) Close() error { return c.network.closes(c.UDPConn) }

// ListenPacket implements transport.Net: TURN over UDP goes through it.
func (n *Network) ListenPacket(family, address string) (net.PacketConn, error) {
	if n.ctx.Err() != nil {
		return nil, net.ErrClosed
	}
	var listen net.ListenConfig
	opened, err := listen.ListenPacket(context.Background(), family, address)
	if err != nil {
		return nil, err
	}
	conn, ok := opened.(*net.UDPConn)
	if !ok {
		return opened, nil
	}

	return turnConn{countedConn{n.adopt(conn), &n.counts}, n}, nil
}

// adopt gives a socket its buffers, and remembers it.
func (n *Network) adopt(conn *net.UDPConn) *net.UDPConn {
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	n.opens(conn)

	return conn
}
