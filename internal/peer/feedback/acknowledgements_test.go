package feedback

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/peertest"
)

// extensionID is what the tests number their packets with.
const extensionID = 5

// acknowledged is a server that gets acknowledgements.
type acknowledged struct {
	*Acknowledgements
	running sync.WaitGroup

	mu       sync.Mutex
	unpacker congestion.Unpacker
	sizes    []int
	arrived  map[uint16]time.Duration
	missing  map[uint16]bool
}

func newAcknowledged(t *testing.T) *acknowledged {
	t.Helper()
	a := &acknowledged{arrived: make(map[uint16]time.Duration), missing: make(map[uint16]bool)}
	ctx, cancel := context.WithCancel(context.Background())
	a.Acknowledgements = NewAcknowledgements(func(_ string, f func(ctx context.Context)) {
		a.running.Go(func() { f(ctx) })
	})
	t.Cleanup(func() {
		cancel()
		a.running.Wait()
	})
	a.BindRTCPWriter(interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, _ interceptor.Attributes) (int, error) {
		raw, err := rtcp.Marshal(packets)
		if err != nil {
			t.Error(err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.sizes = append(a.sizes, len(raw))
		for rest := raw; len(rest) > 0; {
			size := 4 * (int(binary.BigEndian.Uint16(rest[2:])) + 1)
			a.hear(t, rest[:size])
			rest = rest[size:]
		}

		return len(raw), nil
	}))

	return a
}

func (a *acknowledged) hear(t *testing.T, raw []byte) {
	t.Helper()
	packet := &rtcp.TransportLayerCC{}
	if err := packet.Unmarshal(raw); err != nil {
		t.Fatal(err)
	}
	said, ok := a.unpacker.Unpack(packet)
	if !ok {
		t.Fatalf("feedback that does not add up: %v", packet)
	}
	for i, packet := range said.Packets {
		number := said.Base + uint16(i) //nolint:gosec // modulo 2^16 is meant
		if _, again := a.arrived[number]; again {
			t.Errorf("packet %d is acknowledged twice", number)
		}
		if packet.Received {
			a.arrived[number] = packet.Arrived
		} else {
			a.missing[number] = true
		}
	}
}

// count is how many packets were acknowledged.
func (a *acknowledged) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()

	return len(a.arrived)
}

// numbered is a packet of a server.
func numbered(t *testing.T, number uint16) []byte {
	t.Helper()
	packet := &rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 7}, Payload: []byte{1, 2, 3}}
	if err := packet.SetExtension(extensionID, binary.BigEndian.AppendUint16(nil, number)); err != nil {
		t.Fatal(err)
	}
	raw, err := packet.Marshal()
	if err != nil {
		t.Fatal(err)
	}

	return raw
}

func TestEachPacketIsAcknowledgedWithTheTimeThatItCame(t *testing.T) {
	a := newAcknowledged(t)
	first := uint16(65500)
	came := make(map[uint16]time.Duration)
	at := time.Duration(0)
	const packets = 300
	for i := range uint16(packets) {
		at += time.Duration(rand.IntN(3000)) * time.Microsecond
		// The first and the last come, so that what is missing is between them.
		if number := first + i; i == 0 || i == packets-1 || rand.IntN(10) > 0 {
			came[number] = at
			a.take(extensionID, numbered(t, number), a.began.Add(at))
		}
	}
	peertest.Eventually(t, "acknowledgements", func() bool { return a.count() == len(came) })
	a.mu.Lock()
	defer a.mu.Unlock()
	// The server's clock and ours begin elsewhere, and its unit is 250 us.
	const unit = 250 * time.Microsecond
	for number, at := range came {
		if off := (a.arrived[number] - a.arrived[first]) - (at - came[first]); off.Abs() > unit {
			t.Errorf("packet %d is off by %v", number, off)
		}
	}
	for i := range uint16(packets) {
		if _, did := came[first+i]; did == a.missing[first+i] {
			t.Errorf("packet %d: came %v, called missing %v", first+i, did, a.missing[first+i])
		}
	}
}

func TestWhatComesFastIsAcknowledgedInPacketsThatTheNetworkTakes(t *testing.T) {
	a := newAcknowledged(t)
	// Less than the MTU of IPv6 by what IP, UDP and SRTCP add.
	const packets, most = 5000, 1200
	at := time.Duration(0)
	for i := range uint16(packets) {
		// Two bytes each, at different times: the most that a packet takes.
		at += time.Duration(1+rand.IntN(2)) * 70 * time.Millisecond
		a.take(extensionID, numbered(t, 2*i), a.began.Add(at))
	}
	peertest.Eventually(t, "acknowledgements", func() bool { return a.count() == packets })
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, size := range a.sizes {
		if size > most {
			t.Errorf("a packet of %d bytes", size)
		}
	}
}

func TestNothingRunsWhileNothingIsToBeAcknowledged(t *testing.T) {
	a := newAcknowledged(t)
	for i := range uint16(3) {
		a.take(extensionID, numbered(t, i), time.Now())
		a.running.Wait()
		if a.count() != int(i)+1 {
			t.Fatalf("%d packets are acknowledged, of %d", a.count(), i+1)
		}
	}
}

func TestWhatIsNoNumberedPacketIsNotAcknowledged(t *testing.T) {
	a := newAcknowledged(t)
	whole := numbered(t, 1)
	for size := range whole[:len(whole)-3] {
		a.take(extensionID, whole[:size], time.Now())
	}
	a.take(extensionID+1, whole, time.Now())
	short := &rtp.Packet{Header: rtp.Header{Version: 2, SSRC: 7}}
	if err := short.SetExtension(extensionID, []byte{1}); err != nil {
		t.Fatal(err)
	}
	raw, err := short.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	a.take(extensionID, raw, time.Now())
	for range 10_000 {
		random := make([]byte, rand.IntN(64))
		for i := range random {
			random[i] = byte(rand.Uint32())
		}
		a.take(extensionID, random, time.Now())
	}
	a.running.Wait()
	if n := a.count(); n != 0 {
		t.Errorf("%d packets are acknowledged", n)
	}
}
