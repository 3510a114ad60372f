package connectivity

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// tcpLink is one connection of ICE-TCP, or the way to it.
type tcpLink struct {
	socket *tcpSocket
	remote netip.AddrPort
	ctx    context.Context //nolint:containedctx // ends with close
	cancel context.CancelFunc
	// openedAt is when there was a connection before; zero is never.
	openedAt time.Time

	mu   sync.Mutex
	conn *queuedConn
	// pending is the last packet from before the connection was open.
	pending []byte
	// unheard is since when packets are written but none comes; patience is for how
	// long that may be so.
	unheard  time.Time
	patience time.Duration
}

func newTCPLink(s *tcpSocket, remote netip.AddrPort) *tcpLink {
	l := &tcpLink{socket: s, remote: remote, patience: reopenAfter}
	l.ctx, l.cancel = context.WithCancel(s.network.ctx)

	return l
}

// write sends one packet, or keeps it until the connection is open.
func (l *tcpLink) write(b []byte) {
	// Each packet has its length before it (RFC 4571 section 2).
	message := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(b)), uint16(len(b))) //nolint:gosec // below the MTU
	message = append(message, b...)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		l.pending = message

		return
	}
	if l.unheard.IsZero() {
		l.unheard = time.Now()
	}
	_, _ = l.conn.push(message)
}

// isDead says that the connection may have been lost without a word.
func (l *tcpLink) isDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	return !l.unheard.IsZero() && time.Since(l.unheard) > l.patience
}

// wait sets how long the server may be silent from the next packet on.
func (l *tcpLink) wait(patience time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unheard, l.patience = time.Time{}, patience
}

func (l *tcpLink) close() {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// run opens the connection and reads from it until it ends.
func (l *tcpLink) run() {
	defer l.socket.forget(l)
	defer l.close()
	if !l.hold() {
		return
	}
	socket, err := l.socket.network.dial(l.ctx, "tcp", &net.TCPAddr{IP: l.socket.ip.AsSlice()}, l.remote.String())
	if err != nil {
		// The next check tries again.
		return
	}
	conn := newQueuedConn(l.socket.network, socket, socket)
	l.mu.Lock()
	l.conn = conn
	if l.pending != nil {
		l.unheard = time.Now()
		_, _ = conn.push(l.pending)
	}
	l.mu.Unlock()
	if l.ctx.Err() != nil {
		return
	}
	l.socket.note(l)
	l.socket.network.opened()
	_ = l.read(bufio.NewReaderSize(conn, 2*rtpwire.MTU))
}

// hold lets UDP go first. It says whether the connection is still wanted: who had one before writes because ICE has chosen
// that, and no UDP.
func (l *tcpLink) hold() bool {
	again := !l.openedAt.IsZero()
	wait := l.socket.network.headStart()
	if again {
		wait = time.Until(l.openedAt.Add(reopenInterval))
	}
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return again || !l.socket.network.hasPair()
	case <-l.ctx.Done():
		return false
	}
}

func (l *tcpLink) read(r *bufio.Reader) error {
	var header [2]byte
	for {
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return err
		}
		size := int(binary.BigEndian.Uint16(header[:]))
		if size > rtpwire.MTU {
			if _, err := r.Discard(size); err != nil {
				return err
			}

			continue
		}
		data, _ := packetPool.Get().(*[rtpwire.MTU]byte)
		if _, err := io.ReadFull(r, data[:size]); err != nil {
			return err
		}
		l.wait(reopenAfter)
		select {
		case l.socket.packets <- tcpPacket{data, size, l.remote}:
		case <-l.ctx.Done():
			return l.ctx.Err()
		}
	}
}
