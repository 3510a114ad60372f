package connectivity

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// tcpServer takes connections of ICE-TCP.
type tcpServer struct {
	*testing.T
	address  netip.AddrPort
	accepted chan net.Conn
}

func newTCPServer(t *testing.T) *tcpServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &tcpServer{T: t, accepted: make(chan net.Conn, 10)}
	s.address = listener.Addr().(*net.TCPAddr).AddrPort() //nolint:forcetypeassert // of TCP
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.accepted <- conn
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
		close(s.accepted)
		for conn := range s.accepted {
			_ = conn.Close()
		}
	})

	return s
}

func (s *tcpServer) accept() net.Conn {
	s.Helper()
	select {
	case conn := <-s.accepted:
		s.Cleanup(func() { _ = conn.Close() })

		return conn
	case <-time.After(peertest.Limit):
		s.Fatal("no connection comes")

		return nil
	}
}

// read reads one framed packet.
func (s *tcpServer) read(conn net.Conn) string {
	s.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(peertest.Limit))
	var header [2]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		s.Fatal(err)
	}
	packet := make([]byte, binary.BigEndian.Uint16(header[:]))
	if _, err := io.ReadFull(conn, packet); err != nil {
		s.Fatal(err)
	}

	return string(packet)
}

func (s *tcpServer) write(conn net.Conn, packet string) {
	s.Helper()
	if _, err := conn.Write(append([]byte{byte(len(packet) >> 8), byte(len(packet))}, packet...)); err != nil {
		s.Fatal(err)
	}
}

func openTCP(t *testing.T, n *Network) *tcpConn {
	t.Helper()
	conn, err := activeTCP{n}.GetConnByUfrag("", false, net.IPv4(127, 0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}

	return conn.(*tcpConn) //nolint:forcetypeassert // the test's own
}

func sendTCP(t *testing.T, conn *tcpConn, server *tcpServer, packet string) {
	t.Helper()
	if _, err := conn.WriteToAddrPort([]byte(packet), server.address); err != nil {
		t.Fatal(err)
	}
}

func TestARestartKeepsTheConnectionOverTCPAndWhatComesMeanwhile(t *testing.T) {
	n, server := newTestNetwork(t), newTCPServer(t)
	first := openTCP(t, n)
	sendTCP(t, first, server, "check")
	conn := server.accept()
	if got := server.read(conn); got != "check" {
		t.Errorf("the server read %q", got)
	}
	n.Keep()
	_ = first.Close()
	if _, _, err := first.ReadFromAddrPort(make([]byte, rtpwire.MTU)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the first owner read: %v", err)
	}
	server.write(conn, "between")
	second := openTCP(t, n)
	n.Release()
	buffer := make([]byte, rtpwire.MTU)
	count, from, err := second.ReadFromAddrPort(buffer)
	if err != nil || string(buffer[:count]) != "between" || from != server.address {
		t.Errorf("read %q from %v, %v", buffer[:count], from, err)
	}
	sendTCP(t, second, server, "new credentials")
	if got := server.read(conn); got != "new credentials" {
		t.Errorf("the server read %q", got)
	}
	_ = second.Close()
	if _, err := conn.Read(buffer); !errors.Is(err, io.EOF) {
		t.Errorf("the connection did not end: %v", err)
	}
	n.Close()
	n.Wait()
}

func TestAKeptConnectionThatIsDeadIsOpenedAnew(t *testing.T) {
	n, server := newTestNetwork(t), newTCPServer(t)
	first := openTCP(t, n)
	sendTCP(t, first, server, "check")
	silent := server.accept()
	n.Keep()
	_ = first.Close()
	second := openTCP(t, n)
	n.Release()
	peertest.Eventually(t, "another connection", func() bool {
		sendTCP(t, second, server, "again")

		return len(server.accepted) > 0
	})
	conn := server.accept()
	if got := server.read(conn); got != "again" {
		t.Errorf("the server read %q", got)
	}
	_ = silent.SetReadDeadline(time.Now().Add(peertest.Limit))
	if _, err := io.Copy(io.Discard, silent); err != nil {
		t.Errorf("the dead connection was not closed: %v", err)
	}
	_ = second.Close()
}

func TestTCPIsNotOpenedBeforeUDPHadItsChance(t *testing.T) {
	for name, chosen := range map[string]bool{"UDP is chosen": true, "UDP is not": false} {
		t.Run(name, func(t *testing.T) {
			n, server := newTestNetwork(t), newTCPServer(t)
			var asked atomic.Bool
			n.hasPair = func() bool {
				asked.Store(true)

				return chosen
			}
			n.SetCandidates([]string{
				"tcpcandidate 1 tcp 1 127.0.0.1 1 typ host tcptype passive", "udpcandidate 1 UDP 2 127.0.0.1 1 typ host",
			})
			conn := openTCP(t, n)
			begin := time.Now()
			sendTCP(t, conn, server, "first")
			sendTCP(t, conn, server, "last")
			if !chosen {
				accepted := server.accept()
				if took := time.Since(begin); took < tcpWait {
					t.Errorf("TCP was opened after %v", took)
				}
				if got := server.read(accepted); got != "last" {
					t.Errorf("the server read %q", got)
				}
			}
			peertest.Eventually(t, "the end of the wait", asked.Load)
			_ = conn.Close()
			n.Close()
			n.Wait()
			if len(server.accepted) > 0 {
				t.Error("TCP was opened although UDP works")
			}
		})
	}
}

func TestAConnectionOverTCPThatICEHasChosenIsOpenedAnewWhereTheServerHasUDPToo(t *testing.T) {
	n, server := newTestNetwork(t), newTCPServer(t)
	var chosen atomic.Bool
	n.hasPair = chosen.Load
	conn := openTCP(t, n)
	sendTCP(t, conn, server, "check")
	first := server.accept()
	chosen.Store(true)
	_ = first.Close()
	peertest.Eventually(t, "another connection", func() bool {
		sendTCP(t, conn, server, "again")

		return len(server.accepted) > 0
	})
	if got := server.read(server.accept()); got != "again" {
		t.Errorf("the server read %q", got)
	}
	_ = conn.Close()
}

// As a balancer does whose servers are gone.
func TestAConnectionOverTCPThatTheServerEndsAtOnceIsNotOpenedByEachPacket(t *testing.T) {
	n, server := newTestNetwork(t), newTCPServer(t)
	n.SetCandidates([]string{"tcpcandidate 1 tcp 1 127.0.0.1 1 typ host tcptype passive"})
	conn := openTCP(t, n)
	const limit = 1200 * time.Millisecond
	opened := 0
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(time.Millisecond) {
		sendTCP(t, conn, server, "media")
		select {
		case accepted := <-server.accepted:
			opened++
			_ = accepted.Close()
		default:
		}
	}
	if most := int(limit/reopenInterval) + 1; opened < 2 || opened > most {
		t.Errorf("%d connections in %v, expected 2 to %d", opened, limit, most)
	}
	_ = conn.Close()
}

func TestAClosedNetworkOpensNoTCP(t *testing.T) {
	n, server := newTestNetwork(t), newTCPServer(t)
	conn := openTCP(t, n)
	n.SetCandidates([]string{"udpcandidate 1 udp 2 127.0.0.1 1 typ host"})
	sendTCP(t, conn, server, "check")
	n.Close()
	n.Wait()
	if _, err := conn.WriteToAddrPort([]byte("check"), server.address); !errors.Is(err, net.ErrClosed) {
		t.Errorf("writing: %v", err)
	}
	if _, err := (activeTCP{n}).GetConnByUfrag("", false, net.IPv4(127, 0, 0, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("opening: %v", err)
	}
	if _, err := (turnDialer{n}).Dial("tcp", server.address.String()); !errors.Is(err, context.Canceled) {
		t.Errorf("dialing: %v", err)
	}
	_ = conn.Close()
}
