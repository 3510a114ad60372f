package guarded

import (
	"context"
	"net"
	"net/netip"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v5"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// What pion reads and writes, closing included, it does on goroutines of its own.
const (
	reading = "read a socket"
	writing = "write to a socket"
	closing = "close a socket"
)

func read[T any](owner context.Context, f func(b []byte) (int, T, error), b []byte) (n int, from T, err error) {
	defer recovery.Recover(owner, reading, &err)
	recovery.Enter(owner, reading)

	return f(b)
}

func write[T any](owner context.Context, f func(b []byte, to T) (int, error), b []byte, to T) (n int, err error) {
	defer recovery.Recover(owner, writing, &err)
	recovery.Enter(owner, writing)

	return f(b, to)
}

// closes closes whatever panics: the reader of a socket without deadlines ends with nothing else, and pion waits for it.
func closes(owner context.Context, f func() error) (err error) {
	defer recovery.Recover(owner, closing, &err)
	defer func() { err = f() }()
	recovery.Enter(owner, closing)

	return nil
}

// udpSocket is one that pion reads without an allocation, but where it asks a STUN server: by ReadFrom and WriteTo.
type udpSocket interface {
	transport.UDPConn
	ice.AddrPortReaderWriter
}

type guardedUDP struct {
	udpSocket
	owner context.Context //nolint:containedctx // says whose it is
}

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (c guardedUDP) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	return read(c.owner, c.udpSocket.ReadFromAddrPort, b)
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (c guardedUDP) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return write(c.owner, c.udpSocket.WriteToAddrPort, b, to)
}

// ReadFrom implements net.PacketConn.
func (c guardedUDP) ReadFrom(b []byte) (int, net.Addr, error) {
	return read(c.owner, c.udpSocket.ReadFrom, b)
}

// WriteTo implements net.PacketConn.
func (c guardedUDP) WriteTo(b []byte, to net.Addr) (int, error) {
	return write(c.owner, c.udpSocket.WriteTo, b, to)
}

// Close implements net.PacketConn.
func (c guardedUDP) Close() error { return closes(c.owner, c.udpSocket.Close) }

// guardedTCPSocket is one of ICE-TCP.
type guardedTCPSocket struct {
	guardedPackets
	fast ice.AddrPortReaderWriter
}

// ReadFromAddrPort implements ice.AddrPortReaderWriter.
func (c guardedTCPSocket) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	return read(c.owner, c.fast.ReadFromAddrPort, b)
}

// WriteToAddrPort implements ice.AddrPortReaderWriter.
func (c guardedTCPSocket) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return write(c.owner, c.fast.WriteToAddrPort, b, to)
}

// guardedPackets is any socket of packets; by itself one to a TURN server.
type guardedPackets struct {
	net.PacketConn
	owner context.Context //nolint:containedctx // says whose it is
}

// ReadFrom implements net.PacketConn.
func (c guardedPackets) ReadFrom(b []byte) (int, net.Addr, error) {
	return read(c.owner, c.PacketConn.ReadFrom, b)
}

// WriteTo implements net.PacketConn.
func (c guardedPackets) WriteTo(b []byte, to net.Addr) (int, error) {
	return write(c.owner, c.PacketConn.WriteTo, b, to)
}

// Close implements net.PacketConn.
func (c guardedPackets) Close() error { return closes(c.owner, c.PacketConn.Close) }

// guardedConn is a connection to a TURN server.
type guardedConn struct {
	net.Conn
	owner context.Context //nolint:containedctx // says whose it is
}

// Read implements net.Conn.
func (c guardedConn) Read(b []byte) (int, error) {
	return call(c.owner, reading, func() (int, error) { return c.Conn.Read(b) })
}

// Write implements net.Conn.
func (c guardedConn) Write(b []byte) (int, error) {
	return call(c.owner, writing, func() (int, error) { return c.Conn.Write(b) })
}

// Close implements net.Conn.
func (c guardedConn) Close() error { return closes(c.owner, c.Conn.Close) }
