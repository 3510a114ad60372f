package guarded

import (
	"context"
	"net"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v5"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// call is what stands before each call of pion's.
func call[T any](owner context.Context, name string, f func() (T, error)) (result T, err error) {
	defer recovery.Recover(owner, name, &err)
	recovery.Enter(owner, name)

	return f()
}

// guardedNetwork is what pion's ICE agent calls.
type guardedNetwork struct {
	transport.Net
	owner context.Context //nolint:containedctx // says whose it is
}

// Network guards what pion's ICE agent calls, and the sockets that it is given.
func Network(inner transport.Net, owner context.Context) transport.Net { //nolint:revive // an owner, not a call's
	return guardedNetwork{inner, owner}
}

// Interfaces implements transport.Net.
func (n guardedNetwork) Interfaces() ([]*transport.Interface, error) {
	return call(n.owner, "list interfaces", n.Net.Interfaces)
}

// ListenUDP implements transport.Net.
func (n guardedNetwork) ListenUDP(family string, address *net.UDPAddr) (transport.UDPConn, error) {
	return call(n.owner, "open a socket of UDP", func() (transport.UDPConn, error) {
		conn, err := n.Net.ListenUDP(family, address)
		if fast, ok := conn.(udpSocket); ok && err == nil {
			return guardedUDP{fast, n.owner}, nil
		}

		return conn, err
	})
}

// ListenPacket implements transport.Net.
func (n guardedNetwork) ListenPacket(family, address string) (net.PacketConn, error) {
	return call(n.owner, "open a socket to TURN", func() (net.PacketConn, error) {
		conn, err := n.Net.ListenPacket(family, address)
		if err != nil {
			return nil, err
		}

		return guardedPackets{conn, n.owner}, nil
	})
}

// DialTCP implements transport.Net.
func (n guardedNetwork) DialTCP(family string, local, remote *net.TCPAddr) (transport.TCPConn, error) {
	return call(n.owner, "open a connection of TCP", func() (transport.TCPConn, error) {
		return n.Net.DialTCP(family, local, remote)
	})
}

// TCPMux is what pion calls for candidates over TCP.
type TCPMux interface {
	ice.TCPMux
	ice.AllConnsGetter
}

// guardedTCP is guardedNetwork for candidates over TCP.
type guardedTCP struct {
	TCPMux
	owner context.Context //nolint:containedctx // says whose it is
}

// TCP guards what pion calls for candidates over TCP, and the sockets that it is given.
func TCP(inner TCPMux, owner context.Context) TCPMux { //nolint:revive // an owner, not a call's
	return guardedTCP{inner, owner}
}

// GetConnByUfrag implements ice.TCPMux.
func (t guardedTCP) GetConnByUfrag(ufrag string, isIPv6 bool, local net.IP) (net.PacketConn, error) {
	return call(t.owner, "open ICE over TCP", func() (net.PacketConn, error) {
		conn, err := t.TCPMux.GetConnByUfrag(ufrag, isIPv6, local)
		if err != nil {
			return nil, err
		}

		return t.guard(conn), nil
	})
}

// GetAllConns implements ice.AllConnsGetter.
func (t guardedTCP) GetAllConns(ufrag string, isIPv6 bool, local net.IP) ([]net.PacketConn, error) {
	return call(t.owner, "open all of ICE over TCP", func() ([]net.PacketConn, error) {
		conns, err := t.TCPMux.GetAllConns(ufrag, isIPv6, local)
		for i, conn := range conns {
			conns[i] = t.guard(conn)
		}

		return conns, err
	})
}

func (t guardedTCP) guard(conn net.PacketConn) net.PacketConn {
	guarded := guardedPackets{conn, t.owner}
	if fast, ok := conn.(ice.AddrPortReaderWriter); ok {
		return guardedTCPSocket{guarded, fast}
	}

	return guarded
}

// ProxyDialer is golang.org/x/net/proxy's Dialer.
type ProxyDialer interface {
	Dial(family, address string) (net.Conn, error)
}

// guardedDialer is guardedNetwork for TURN servers over TCP.
type guardedDialer struct {
	dialer ProxyDialer
	owner  context.Context //nolint:containedctx // says whose it is
}

// Dialer guards what pion calls for TURN servers over TCP, and the connections that it is given.
func Dialer(inner ProxyDialer, owner context.Context) ProxyDialer { //nolint:revive // an owner, not a call's
	return guardedDialer{inner, owner}
}

// Dial implements ProxyDialer.
func (d guardedDialer) Dial(family, address string) (net.Conn, error) {
	return call(d.owner, "open a connection to TURN", func() (net.Conn, error) {
		conn, err := d.dialer.Dial(family, address)
		if err != nil {
			return nil, err
		}

		return guardedConn{conn, d.owner}, nil
	})
}

// guardedLog is for loggers that do more than to log (iceLog), on pion's goroutines.
type guardedLog struct {
	logging.LoggerFactory
	owner context.Context //nolint:containedctx // says whose it is
}

// Log guards loggers that do more than to log.
func Log(inner logging.LoggerFactory, owner context.Context) logging.LoggerFactory { //nolint:revive // an owner
	return guardedLog{inner, owner}
}

// NewLogger implements logging.LoggerFactory.
func (l guardedLog) NewLogger(scope string) logging.LeveledLogger {
	return guardedLogger{l.LoggerFactory.NewLogger(scope), l.owner}
}

type guardedLogger struct {
	logging.LeveledLogger
	owner context.Context //nolint:containedctx // says whose it is
}

// Tracef implements logging.LeveledLogger. pion calls it for every packet.
func (l guardedLogger) Tracef(format string, args ...any) {
	const name = "a trace of pion"
	defer recovery.Recover(l.owner, name, nil)
	recovery.Enter(l.owner, name)
	l.LeveledLogger.Tracef(format, args...)
}

// Warnf implements logging.LeveledLogger.
func (l guardedLogger) Warnf(format string, args ...any) {
	recovery.Run(l.owner, "a warning of pion", func() { l.LeveledLogger.Warnf(format, args...) })
}

// Errorf implements logging.LeveledLogger.
func (l guardedLogger) Errorf(format string, args ...any) {
	recovery.Run(l.owner, "an error of pion", func() { l.LeveledLogger.Errorf(format, args...) })
}
