package fetch

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// ICY is what SHOUTcast made of HTTP for radio, which Icecast speaks as well.

// dialICY makes HTTP of the status line of what a server answers first.
func dialICY(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &icyConn{Conn: conn}, nil
	}
}

// icyConn is a connection whose server may begin with "ICY 200 OK".
type icyConn struct {
	net.Conn
	began bool
	// first is read before what follows.
	first []byte
}

func (c *icyConn) Read(p []byte) (int, error) {
	if !c.began {
		c.began = true
		head := make([]byte, len("ICY "))
		n, err := io.ReadFull(c.Conn, head)
		if c.first = head[:n]; string(head) == "ICY " {
			c.first = []byte("HTTP/1.0 ")
		}
		if n == 0 {
			return 0, err
		}
	}
	if len(c.first) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// withoutTitles takes out what a server of radio puts between the sound (icy-metaint).
func withoutTitles(response *http.Response) io.ReadCloser {
	interval, err := strconv.Atoi(response.Header.Get("Icy-Metaint"))
	if err != nil || interval <= 0 {
		return response.Body
	}
	return &untitled{ReadCloser: response.Body, interval: interval, left: interval}
}

// untitled is a body with a block of metadata after each interval of bytes.
type untitled struct {
	io.ReadCloser
	interval, left int
}

func (u *untitled) Read(p []byte) (int, error) {
	if u.left == 0 {
		// A byte says how long the block is, in 16 bytes.
		length := make([]byte, 1)
		if _, err := io.ReadFull(u.ReadCloser, length); err != nil {
			return 0, err
		}
		if _, err := io.CopyN(io.Discard, u.ReadCloser, int64(length[0])*16); err != nil {
			return 0, err
		}
		u.left = u.interval
	}
	n, err := u.ReadCloser.Read(p[:min(len(p), u.left)])
	u.left -= n
	return n, err
}

// isLive reports whether an answer is a broadcast: what comes as it is made, for ever.
func isLive(response *http.Response) bool {
	if response.ContentLength >= 0 || response.StatusCode != http.StatusOK {
		return false
	}
	if strings.HasPrefix(strings.ToLower(response.Header.Get("Content-Type")), "multipart/x-mixed-replace") {
		return true
	}
	for name := range response.Header {
		if strings.HasPrefix(name, "Icy-") || strings.HasPrefix(name, "Ice-") {
			return true
		}
	}
	server := strings.ToLower(response.Header.Get("Server"))
	return strings.HasPrefix(server, "icecast") || strings.HasPrefix(server, "shoutcast")
}
