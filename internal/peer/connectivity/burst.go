package connectivity

import (
	"net/netip"
	"sync"
	"sync/atomic"
)

const (
	// mostSegments and mostSegmentBytes are what a system takes at once.
	mostSegments     = 64
	mostSegmentBytes = 60_000
)

// burst gathers the packets that a peer sends right after each other, as those of one picture, and hands those of
// one size to the system at once (UDP's segmentation offload), which takes half the time of doing it one by one.
type burst struct {
	// gathers is set between begin and end.
	gathers atomic.Bool

	mu sync.Mutex
	// What waits is all of one socket and to one address: count packets in bytes, each of size but for the last
	// one, which may be short.
	conn  *udpConn
	to    netip.AddrPort
	bytes []byte
	size  int
	count int
	short bool
	// lost are the packets that the system did not take.
	lost int
}

// BeginBurst lets UDP packets wait for each other, until EndBurst. Bursts do not overlap.
func (n *Network) BeginBurst() { n.burst.gathers.Store(true) }

// EndBurst sends what waits, and says how many packets of the burst the system did not take, though their writers were
// told that it had.
func (n *Network) EndBurst() (lost int) {
	b := &n.burst
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gathers.Store(false)
	b.flush()
	lost, b.lost = b.lost, 0

	return lost
}

// add takes a packet, unless there is no burst.
func (b *burst) add(conn *udpConn, packet []byte, to netip.AddrPort) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.gathers.Load() {
		return false
	}
	if b.count > 0 && !b.fits(conn, len(packet), to) {
		b.flush()
		if !conn.segments.Load() {
			// What follows goes by itself; this one goes before it.
			return false
		}
	}
	if b.count == 0 {
		b.conn, b.to, b.size, b.short = conn, to, len(packet), false
	}
	b.bytes = append(b.bytes, packet...)
	b.short = len(packet) < b.size
	b.count++

	return true
}

func (b *burst) fits(conn *udpConn, size int, to netip.AddrPort) bool {
	return conn == b.conn && to == b.to && !b.short && size <= b.size &&
		b.count < mostSegments && len(b.bytes)+size <= mostSegmentBytes
}

// flush sends what waits, with mu held.
func (b *burst) flush() {
	if b.count == 0 {
		return
	}
	conn, all := b.conn, b.bytes
	whole := b.count > 1 && conn.segments.Load()
	if whole {
		err := conn.sendSegments(all, b.size, b.to)
		switch {
		case err == nil:
			conn.counts.sent(b.count, len(all))
		case refusesSegments(err):
			// The way or the system can't: packets go one by one from now on.
			conn.segments.Store(false)
			whole = false
		default:
			conn.counts.dropped(b.count)
			b.lost += b.count
		}
	}
	for rest := all; !whole && len(rest) > 0; {
		size := min(b.size, len(rest))
		if _, err := conn.WriteToUDPAddrPort(rest[:size], b.to); err != nil {
			b.lost++
		}
		rest = rest[size:]
	}
	b.conn, b.bytes, b.count = nil, all[:0], 0
}
