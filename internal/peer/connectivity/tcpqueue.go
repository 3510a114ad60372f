package connectivity

import (
	"context"
	"net"
	"sync"
	"time"
)

const (
	// queueLimit bounds what waits for a connection of TCP, in bytes: about a second of video.
	queueLimit = 256 << 10
	// tcpSendBuffer is asked of the system: its own grows to seconds of media.
	tcpSendBuffer = 128 << 10
	// flushLimit is how long a closed connection may take for what it was given.
	flushLimit = 100 * time.Millisecond
)

// queuedConn is a connection of TCP, or of TLS over it, that nobody waits for: a
// goroutine of its own writes. Each Write is one message. What there is no room
// for is dropped, as UDP would. So a server that stops reading holds up nobody:
// neither the source that feeds other connections too, nor Close.
type queuedConn struct {
	net.Conn
	// socket is below TLS.
	socket net.Conn
	counts *counts
	wake   chan struct{}

	mu       sync.Mutex
	messages [][]byte
	bytes    int
	closed   bool
}

// newQueuedConn takes over a connection: conn is socket, or TLS over it.
func newQueuedConn(n *Network, socket *net.TCPConn, conn net.Conn) *queuedConn {
	c := &queuedConn{Conn: conn, socket: socket, counts: &n.counts, wake: make(chan struct{}, 1)}
	_ = socket.SetWriteBuffer(tcpSendBuffer)
	n.opens(socket)
	if !n.run("writing to TCP", func() {
		defer n.closes(socket)
		c.drain(n.left)
	}) {
		n.closes(socket)
	}

	return c
}

// Read implements net.Conn.
func (c *queuedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.counts.received(n)
	}

	return n, err
}

// Write implements net.Conn. b may be used again.
func (c *queuedConn) Write(b []byte) (int, error) {
	return c.push(append(make([]byte, 0, len(b)), b...))
}

// push is Write of what the queue may keep.
func (c *queuedConn) push(message []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	if c.bytes+len(message) > queueLimit {
		c.counts.dropped(1)

		return len(message), nil
	}
	c.messages = append(c.messages, message)
	c.bytes += len(message)
	c.kick()

	return len(message), nil
}

// Close ends the connection once what waits is written, and at the latest after
// flushLimit. It does not wait for that.
func (c *queuedConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		_ = c.socket.SetReadDeadline(time.Now())
		_ = c.socket.SetWriteDeadline(time.Now().Add(flushLimit))
		c.kick()
	}

	return nil
}

func (c *queuedConn) kick() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// drain is the goroutine that writes.
func (c *queuedConn) drain(left context.Context) {
	for {
		messages, closed := c.take()
		for _, message := range messages {
			_, err := c.Conn.Write(message)
			c.counts.wrote(len(message), err)
			if err != nil {
				c.mu.Lock()
				c.closed, c.messages = true, nil
				c.mu.Unlock()

				return
			}
			c.mu.Lock()
			c.bytes -= len(message)
			c.mu.Unlock()
		}
		if closed {
			return
		}
		if len(messages) == 0 {
			select {
			case <-c.wake:
			case <-left.Done():
				return
			}
		}
	}
}

// take returns all that waits, and whether it is the last.
func (c *queuedConn) take() ([][]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	messages := c.messages
	c.messages = nil

	return messages, c.closed
}
