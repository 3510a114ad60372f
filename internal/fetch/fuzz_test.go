package fetch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// answering is a network of one server, that answers every request on a connection with the next of its answers.
type answering struct {
	t       *testing.T
	answers [][]byte
}

func (a *answering) dial(context.Context, string, string) (net.Conn, error) {
	if len(a.answers) == 0 {
		return nil, io.ErrClosedPipe
	}
	answer := a.answers[0]
	a.answers = a.answers[1:]
	local, remote := net.Pipe()
	go func() {
		defer func() { _ = remote.Close() }()
		request, err := http.ReadRequest(bufio.NewReader(remote))
		if err != nil {
			return
		}
		// What a redirect names itself is told to where it leads.
		name, password, _ := request.BasicAuth()
		if digest := request.Header.Get("Authorization"); request.Host != "host" &&
			(name == "ann" && password == "pass+word" || strings.Contains(digest, `username="ann"`)) {
			a.t.Errorf("%s was told %q", request.Host, digest)
		}
		_, _ = remote.Write(answer)
	}()

	return local, nil
}

// Whatever a server answers becomes bytes, not more than it can stand for, or an error without the password.
func FuzzAnswers(f *testing.F) {
	const next = "\n---\n"
	for _, seed := range []string{
		"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/9\r\nContent-Length: 4\r\nETag: \"1\"\r\n\r\nabcd" + next +
			"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 4-8/9\r\nContent-Length: 5\r\nETag: \"1\"\r\n\r\nefghi",
		"ICY 200 OK\r\nicy-metaint:4\r\n\r\nabcd\x01StreamTitle='x';defg\x00hijk",
		"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"n\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n" + next +
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: http://other/\r\nSet-Cookie: a=b\r\n\r\n" + next + "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=a\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x4c\x4a\x06\x00\xc2\x41\x24\x35\x03\x00\x00\x00",
		"HTTP/1.1 416 Range\r\nContent-Range: bytes */0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n<?xml version=\"1.0\"?><!DOCTYPE a><MPD/>",
		"HTTP/1.0 200 OK\r\nContent-Range: bytes 5-2/1\r\nServer: icecast\r\n\r\n#EXTM3U\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		server := &answering{t: t, answers: bytes.Split(script, []byte(next))}
		c, err := New(Config{Stall: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.transport.Proxy = nil
		c.transport.DialContext = dialICY(server.dial)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		r, err := c.Open(ctx, "http://ann:pass+word@host/a", 0, 0)
		var read int64
		if err == nil {
			read, err = io.Copy(io.Discard, r)
			_ = r.Close()
		}
		var told *Error
		if err != nil && (!errors.As(err, &told) && ctx.Err() == nil || strings.Contains(err.Error(), "pass+word")) {
			t.Errorf("%v", err)
		}
		// A byte of what is packed stands for a thousand at the most.
		if read > int64(1100*len(script)) {
			t.Errorf("%d bytes of %d", read, len(script))
		}
	})
}

// Declarations are found in pieces as in the whole.
func FuzzDeclarations(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbf <?xml?><!DOCTYPE x [<!ENTITY a 'b'>]>"), uint8(3))
	f.Add([]byte("<MPD><!DOCTYP E></MPD>"), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		var pieces Declarations
		found := false
		for rest := text; len(rest) > 0 && !found; {
			n := min(int(size)+1, len(rest))
			found = pieces.Found(rest[:n])
			rest = rest[n:]
		}
		if whole := (&Declarations{}).Found(text); whole != found {
			t.Errorf("%q in pieces of %d: %v, whole: %v", text, size+1, found, whole)
		}
		if IsXML(text) && bytes.HasPrefix(text, []byte("#EXTM3U")) {
			t.Errorf("%q is XML", text)
		}
	})
}
