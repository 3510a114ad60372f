package guarded

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v5"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

type failingUDP struct{ transport.UDPConn }

func (failingUDP) ReadFromAddrPort([]byte) (int, netip.AddrPort, error) {
	panic("deliberate")
}

func (failingUDP) WriteToAddrPort([]byte, netip.AddrPort) (int, error) {
	panic("deliberate")
}

func (failingUDP) ReadFrom([]byte) (int, net.Addr, error) { panic("deliberate") }

func (failingUDP) WriteTo([]byte, net.Addr) (int, error) { panic("deliberate") }

func (failingUDP) Close() error { panic("deliberate") }

type openingMux struct{ TCPMux }

func (openingMux) GetConnByUfrag(string, bool, net.IP) (net.PacketConn, error) {
	return failingUDP{}, nil
}

func (openingMux) GetAllConns(string, bool, net.IP) ([]net.PacketConn, error) {
	return []net.PacketConn{failingUDP{}, failingPackets{}}, nil
}

type openingNet struct{ transport.Net }

func (openingNet) ListenUDP(string, *net.UDPAddr) (transport.UDPConn, error) {
	return failingUDP{}, nil
}

func (openingNet) ListenPacket(string, string) (net.PacketConn, error) { return failingPackets{}, nil }

func (openingNet) Dial(string, string) (net.Conn, error) { return failingConn{}, nil }

type failingPackets struct{ net.PacketConn }

func (failingPackets) ReadFrom([]byte) (int, net.Addr, error) { panic("deliberate") }

func (failingPackets) WriteTo([]byte, net.Addr) (int, error) { panic("deliberate") }

func (failingPackets) Close() error { panic("deliberate") }

type failingConn struct{ net.Conn }

func (failingConn) Read([]byte) (int, error) { panic("deliberate") }

func (failingConn) Write([]byte) (int, error) { panic("deliberate") }

func (failingConn) Close() error { panic("deliberate") }

// pion reads, writes and closes sockets on goroutines of its own: unguarded, the process ends.
func TestAPanicInASocketThatPionUsesReachesItsOwner(t *testing.T) {
	o := peertest.NewOwner()
	network := Network(openingNet{}, o.Context)
	udp, err := network.ListenUDP("udp4", nil)
	if err != nil {
		t.Fatal(err)
	}
	packets, err := network.ListenPacket("udp4", "")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := Dialer(openingNet{}, o.Context).Dial("tcp4", "")
	if err != nil {
		t.Fatal(err)
	}
	mux := TCP(openingMux{}, o.Context)
	tcp, err := mux.GetConnByUfrag("", false, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := mux.GetAllConns("", false, nil)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	check := func(name string, use func() error) {
		t.Helper()
		if err := use(); !errors.Is(err, recovery.ErrPanic) {
			t.Errorf("%s: got %v", name, err)
		}
		o.Wants(t, name, "sockets_test.go")
	}
	var buffer [1]byte
	for name, socket := range map[string]net.PacketConn{
		"UDP": udp, "TURN": packets, "ICE-TCP": tcp, "all of ICE-TCP": all[0], "slow ICE-TCP": all[1],
	} {
		check("read "+name, func() error { _, _, err := socket.ReadFrom(buffer[:]); return err })
		check("write "+name, func() error { _, err := socket.WriteTo(buffer[:], nil); return err })
		check("close "+name, socket.Close)
		fast, ok := socket.(ice.AddrPortReaderWriter)
		if ok != (name != "TURN" && name != "slow ICE-TCP") {
			t.Errorf("%s: pion would take the other way of a %T", name, socket)
		}
		if ok {
			check("read fast "+name, func() error { _, _, err := fast.ReadFromAddrPort(buffer[:]); return err })
			check("write fast "+name, func() error { _, err := fast.WriteToAddrPort(buffer[:], netip.AddrPort{}); return err })
		}
	}
	check("read TCP", func() error { _, err := io.ReadFull(conn, buffer[:]); return err })
	check("write TCP", func() error { _, err := conn.Write(buffer[:]); return err })
	check("close TCP", conn.Close)
}
