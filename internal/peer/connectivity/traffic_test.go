package connectivity

import (
	"errors"
	"net"
	"testing"
	"time"
)

func TestTheSocketToATURNServerIsCountedAndEndsWithItsNetwork(t *testing.T) {
	n := newTestNetwork(t)
	far, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	conn, err := n.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.WriteTo([]byte("four"), far.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 16)
	if _, from, err := far.ReadFrom(room); err != nil {
		t.Fatal(err)
	} else if _, err := far.WriteTo([]byte("answer"), from); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if got, _, err := conn.ReadFrom(room); err != nil || got != 6 {
		t.Fatalf("%d bytes, %v", got, err)
	}
	// More than the system takes.
	if _, err := conn.WriteTo(make([]byte, 70_000), far.LocalAddr()); err == nil {
		t.Fatal("it was sent")
	}
	want := Traffic{PacketsSent: 1, BytesSent: 4, PacketsReceived: 1, BytesReceived: 6, PacketsDropped: 1}
	if got := n.Traffic(); got != want {
		t.Errorf("%+v", got)
	}
	if got := n.Sockets(); got != 1 {
		t.Errorf("%d sockets", got)
	}
	n.Abandon()
	if _, _, err := conn.ReadFrom(room); !errors.Is(err, net.ErrClosed) {
		t.Errorf("reading from an abandoned socket: %v", err)
	}
	if _, err := n.ListenPacket("udp4", "127.0.0.1:0"); err == nil {
		t.Error("an abandoned network opens another")
	}
	if got := n.Sockets(); got != 0 {
		t.Errorf("%d sockets at the end", got)
	}
}
