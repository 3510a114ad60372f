package connectivity

import (
	"context"
	"errors"
	"net"
	"testing"
)

func listen(t *testing.T, n *Network) *udpConn {
	t.Helper()
	conn, err := n.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })

	return conn.(*udpConn) //nolint:forcetypeassert // the test's own
}

func spawn(_ string, f func(context.Context), finally func()) {
	go func() {
		defer finally()
		f(context.Background())
	}()
}

func newTestNetwork(t *testing.T) *Network {
	t.Helper()
	n, err := NewNetwork(spawn, func() bool { return false }, func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)

	return n
}

func isOpen(conn *net.UDPConn) bool {
	_, err := conn.SyscallConn()
	return err == nil && !errors.Is(conn.SetReadBuffer(socketBuffer), net.ErrClosed)
}

func TestASocketKeptKeepsItsPackets(t *testing.T) {
	n := newTestNetwork(t)
	first := listen(t, n)
	sender := listen(t, n)
	reading := make(chan error)
	go func() {
		_, _, err := first.ReadFromAddrPort(make([]byte, 10))
		reading <- err
	}()
	n.Keep()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-reading; !errors.Is(err, net.ErrClosed) {
		t.Errorf("the first owner read %v", err)
	}
	address := first.LocalAddr().(*net.UDPAddr).AddrPort() //nolint:forcetypeassert // of UDP
	if _, err := sender.WriteToAddrPort([]byte("between"), address); err != nil {
		t.Fatal(err)
	}
	second := listen(t, n)
	n.Release()
	if second.UDPConn != first.UDPConn {
		t.Fatal("another socket was opened")
	}
	buffer := make([]byte, 10)
	count, _, err := second.ReadFromAddrPort(buffer)
	if err != nil || string(buffer[:count]) != "between" {
		t.Errorf("read %q, %v", buffer[:count], err)
	}
	if _, err := first.WriteToAddrPort([]byte("late"), address); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the first owner wrote: %v", err)
	}
	_ = first.Close()
	if !isOpen(second.UDPConn) {
		t.Error("the first owner closed the socket again")
	}
}

func TestASocketIsKeptForItsAddressAndUntilTheRelease(t *testing.T) {
	n := newTestNetwork(t)
	n.Keep()
	conn := listen(t, n)
	_ = conn.Close()
	for _, address := range []*net.UDPAddr{{IP: net.IPv4zero}, {IP: net.IPv6loopback}, {IP: net.IPv4(127, 0, 0, 1), Port: 9}} {
		if n.take(address) != nil {
			t.Errorf("%v got the socket of 127.0.0.1", address)
		}
	}
	n.Release()
	if isOpen(conn.UDPConn) {
		t.Error("it is open after the release")
	}
	other := listen(t, n)
	_ = other.Close()
	if isOpen(other.UDPConn) {
		t.Error("a socket was kept when nothing restarts")
	}
}

func TestAClosedNetworkKeepsNothing(t *testing.T) {
	n := newTestNetwork(t)
	n.Keep()
	kept, open := listen(t, n), listen(t, n)
	_ = kept.Close()
	n.Close()
	n.Keep()
	_ = open.Close()
	if isOpen(kept.UDPConn) || isOpen(open.UDPConn) {
		t.Error("a socket is left open")
	}
}
