package connectivity

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pion/ice/v4"
)

// far is a socket that packets arrive at.
type far struct {
	*net.UDPConn
	address netip.AddrPort
}

func newFar(t *testing.T, address string) far {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadBuffer(socketBuffer)

	return far{conn, conn.LocalAddr().(*net.UDPAddr).AddrPort()}
}

// next is the next packet that arrives.
func (f far) next(t *testing.T) []byte {
	t.Helper()
	buffer := make([]byte, 4096)
	_ = f.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, err := f.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}

	return buffer[:n]
}

// nothing checks that nothing has arrived: what loopback takes is there at once.
func (f far) nothing(t *testing.T) {
	t.Helper()
	_ = f.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if n, err := f.Read(make([]byte, 4096)); err == nil {
		t.Errorf("a packet of %d bytes arrived", n)
	}
}

// numbered is a packet of a size that can be told from others.
func numbered(number, size int) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(number)), make([]byte, size-4)...) //nolint:gosec // small
}

func newBurstNetwork(t *testing.T, address string) (*Network, ice.AddrPortReaderWriter) {
	t.Helper()
	n, err := NewNetwork(spawn, func() bool { return true }, func() {})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := n.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		n.Close()
		n.Abandon()
	})

	return n, conn.(ice.AddrPortReaderWriter)
}

func TestABurstArrivesWholeAndInOrder(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		a, b := newFar(t, address), newFar(t, address)
		n, conn := newBurstNetwork(t, address)
		random := rand.New(rand.NewPCG(1, 2))
		number := 0
		for range 200 {
			n.BeginBurst()
			var sent [][]byte
			var to []far
			for range random.IntN(90) {
				size := 1000
				if random.IntN(4) == 0 {
					size = 4 + random.IntN(1400)
				}
				packet, where := numbered(number, size), a
				if random.IntN(20) == 0 {
					where = b
				}
				number++
				if got, err := conn.WriteToAddrPort(packet, where.address); err != nil || got != size {
					t.Fatalf("wrote %d of %d bytes: %v", got, size, err)
				}
				// The memory is the writer's again.
				sent, to = append(sent, append([]byte(nil), packet...)), append(to, where)
				clear(packet)
			}
			if lost := n.EndBurst(); lost != 0 {
				t.Fatalf("%d were lost", lost)
			}
			for i, want := range sent {
				if got := to[i].next(t); string(got) != string(want) {
					t.Fatalf("%s: %d bytes arrived, number %d, want %d bytes, number %d", address,
						len(got), binary.BigEndian.Uint32(got), len(want), binary.BigEndian.Uint32(want))
				}
			}
		}
		a.nothing(t)
		b.nothing(t)
	}
}

func TestOutsideOfABurstNothingWaits(t *testing.T) {
	f := newFar(t, "127.0.0.1:0")
	n, conn := newBurstNetwork(t, "127.0.0.1:0")
	for i := range 3 {
		if _, err := conn.WriteToAddrPort(numbered(i, 100), f.address); err != nil {
			t.Fatal(err)
		}
		f.next(t)
		// One that is empty leaves nothing behind.
		n.BeginBurst()
		n.EndBurst()
	}
}

func TestWhereTheSystemRefusesSegmentsPacketsGoOneByOne(t *testing.T) {
	// More than fit into one call: it refuses half-way.
	const last = 99
	for _, refusal := range []error{syscall.EIO, syscall.EINVAL, syscall.EMSGSIZE, syscall.EOPNOTSUPP} {
		f := newFar(t, "127.0.0.1:0")
		n, conn := newBurstNetwork(t, "127.0.0.1:0")
		asked := 0
		n.segment = func(*net.UDPConn, []byte, int, netip.AddrPort) error {
			asked++

			return &net.OpError{Op: "write", Err: refusal}
		}
		for range 3 {
			n.BeginBurst()
			for i := range last + 1 {
				if _, err := conn.WriteToAddrPort(numbered(i, 1000-200*(i/last)), f.address); err != nil {
					t.Fatal(err)
				}
			}
			if lost := n.EndBurst(); lost != 0 {
				t.Errorf("%v: %d were lost", refusal, lost)
			}
			for i := range last + 1 {
				if got := binary.BigEndian.Uint32(f.next(t)); int(got) != i {
					t.Fatalf("%v: packet %d arrived, want %d", refusal, got, i)
				}
			}
		}
		if asked != 1 {
			t.Errorf("%v: the system was asked %d times", refusal, asked)
		}
	}
}

func TestPacketsThatANetworkDoesNotTakeAreTold(t *testing.T) {
	f := newFar(t, "127.0.0.1:0")
	n, conn := newBurstNetwork(t, "127.0.0.1:0")
	whole := n.segment
	fails := true
	n.segment = func(c *net.UDPConn, bytes []byte, size int, to netip.AddrPort) error {
		if fails {
			return syscall.ENETUNREACH
		}

		return whole(c, bytes, size, to)
	}
	for _, want := range []int{3, 3, 0} {
		fails = want > 0
		n.BeginBurst()
		for i := range 3 {
			_, _ = conn.WriteToAddrPort(numbered(i, 500), f.address)
		}
		if lost := n.EndBurst(); lost != want {
			t.Errorf("%d were lost, want %d", lost, want)
		}
	}
	for range 3 {
		f.next(t)
	}
}

// ICE, DTLS and SCTP write to the same socket, from other goroutines.
func TestWhatOthersWriteMeanwhileIsNotHeldBack(t *testing.T) {
	f := newFar(t, "127.0.0.1:0")
	n, conn := newBurstNetwork(t, "127.0.0.1:0")
	const packets = 3000
	var others sync.WaitGroup
	var stop atomic.Bool
	others.Go(func() {
		for !stop.Load() {
			n.BeginBurst()
			for range 4 {
				_, _ = conn.WriteToAddrPort(numbered(1<<20, 600), f.address)
			}
			n.EndBurst()
			time.Sleep(10 * time.Microsecond)
		}
	})
	next := 0
	for number := range packets {
		if _, err := conn.WriteToAddrPort(numbered(number, 600), f.address); err != nil {
			t.Fatal(err)
		}
		for next <= number {
			if got := int(binary.BigEndian.Uint32(f.next(t))); got != 1<<20 {
				if got != next {
					t.Fatalf("packet %d arrived, want %d", got, next)
				}
				next++
			}
		}
	}
	stop.Store(true)
	others.Wait()
}

func TestASocketThatClosesInABurstLosesWhatWaits(t *testing.T) {
	f := newFar(t, "127.0.0.1:0")
	n, conn := newBurstNetwork(t, "127.0.0.1:0")
	n.BeginBurst()
	for i := range 2 {
		_, _ = conn.WriteToAddrPort(numbered(i, 600), f.address)
	}
	closer, _ := conn.(interface{ Close() error })
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	if lost := n.EndBurst(); lost != 2 {
		t.Errorf("%d were lost", lost)
	}
	if _, err := conn.WriteToAddrPort(numbered(2, 600), f.address); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
