package guarded

import (
	"net"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v5"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Catch is deferred where pion calls on a goroutine of its own. A panic is guard's, with
// the stack that it came from, and the error of the call.
func Catch(guard func(f func()), err *error) {
	if cause := recover(); cause != nil {
		*err = recovery.ErrPanic
		guard(func() { panic(cause) })
	}
}

// guardedNetwork is what pion's ICE agent calls.
type guardedNetwork struct {
	transport.Net
	guard func(f func())
}

// Network guards what pion's ICE agent calls.
func Network(inner transport.Net, guard func(f func())) transport.Net {
	return guardedNetwork{inner, guard}
}

// Interfaces implements transport.Net.
func (n guardedNetwork) Interfaces() (found []*transport.Interface, err error) {
	defer Catch(n.guard, &err)

	return n.Net.Interfaces()
}

// ListenUDP implements transport.Net.
func (n guardedNetwork) ListenUDP(family string, address *net.UDPAddr) (conn transport.UDPConn, err error) {
	defer Catch(n.guard, &err)

	return n.Net.ListenUDP(family, address)
}

// DialTCP implements transport.Net.
func (n guardedNetwork) DialTCP(family string, local, remote *net.TCPAddr) (conn transport.TCPConn, err error) {
	defer Catch(n.guard, &err)

	return n.Net.DialTCP(family, local, remote)
}

// TCPMux is what pion calls for candidates over TCP.
type TCPMux interface {
	ice.TCPMux
	ice.AllConnsGetter
}

// guardedTCP is guardedNetwork for candidates over TCP.
type guardedTCP struct {
	TCPMux
	guard func(f func())
}

// TCP guards what pion calls for candidates over TCP.
func TCP(inner TCPMux, guard func(f func())) TCPMux {
	return guardedTCP{inner, guard}
}

// GetConnByUfrag implements ice.TCPMux.
func (t guardedTCP) GetConnByUfrag(ufrag string, isIPv6 bool, local net.IP) (conn net.PacketConn, err error) {
	defer Catch(t.guard, &err)

	return t.TCPMux.GetConnByUfrag(ufrag, isIPv6, local)
}

// GetAllConns implements ice.AllConnsGetter.
func (t guardedTCP) GetAllConns(ufrag string, isIPv6 bool, local net.IP) (conns []net.PacketConn, err error) {
	defer Catch(t.guard, &err)

	return t.TCPMux.GetAllConns(ufrag, isIPv6, local)
}

// ProxyDialer is golang.org/x/net/proxy's Dialer.
type ProxyDialer interface {
	Dial(family, address string) (net.Conn, error)
}

// guardedDialer is guardedNetwork for TURN servers over TCP.
type guardedDialer struct {
	dialer ProxyDialer
	guard  func(f func())
}

// Dialer guards what pion calls for TURN servers over TCP.
func Dialer(inner ProxyDialer, guard func(f func())) ProxyDialer {
	return guardedDialer{inner, guard}
}

// Dial implements ProxyDialer.
func (d guardedDialer) Dial(family, address string) (conn net.Conn, err error) {
	defer Catch(d.guard, &err)

	return d.dialer.Dial(family, address)
}

// guardedLog is for loggers that do more than to log (iceLog), on pion's goroutines.
type guardedLog struct {
	logging.LoggerFactory
	guard func(f func())
}

// Log guards loggers that do more than to log.
func Log(inner logging.LoggerFactory, guard func(f func())) logging.LoggerFactory {
	return guardedLog{inner, guard}
}

// NewLogger implements logging.LoggerFactory.
func (l guardedLog) NewLogger(scope string) logging.LeveledLogger {
	return guardedLogger{l.LoggerFactory.NewLogger(scope), l.guard}
}

type guardedLogger struct {
	logging.LeveledLogger
	guard func(f func())
}

// Tracef implements logging.LeveledLogger. pion calls it for every packet.
func (l guardedLogger) Tracef(format string, args ...any) {
	var err error
	defer Catch(l.guard, &err)
	l.LeveledLogger.Tracef(format, args...)
}

// Warnf implements logging.LeveledLogger.
func (l guardedLogger) Warnf(format string, args ...any) {
	l.guard(func() { l.LeveledLogger.Warnf(format, args...) })
}

// Errorf implements logging.LeveledLogger.
func (l guardedLogger) Errorf(format string, args ...any) {
	l.guard(func() { l.LeveledLogger.Errorf(format, args...) })
}
