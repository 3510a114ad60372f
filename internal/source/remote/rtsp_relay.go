package remote

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// rtspRelay stands between FFmpeg's client of RTSP and a server. It reads what is asked, and
// what is answered until playing begins, up to when FFmpeg would follow a redirect.
type rtspRelay struct {
	address  *url.URL
	listener net.Listener
	// playing is set before the request goes out.
	playing atomic.Bool
	watch   rtspWatch

	mu            sync.Mutex
	remote, inner net.Conn
	closed        bool
	location      string
}

func newRTSPRelay(address *url.URL, listener net.Listener, remote net.Conn) *rtspRelay {
	return &rtspRelay{address: address, listener: listener, remote: remote}
}

// local is the URL by which FFmpeg gets to the relay.
func (r *rtspRelay) local(address *url.URL) string {
	local := *address
	local.Scheme, local.Host = "rtsp", r.listener.Addr().String()
	return local.String()
}

// use takes FFmpeg's connection, unless the relay is closed.
func (r *rtspRelay) use(inner net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inner = inner
	if r.closed {
		_ = inner.Close()
	}
	return !r.closed
}

// close may be called twice, on any goroutine.
func (r *rtspRelay) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	_ = r.listener.Close()
	_ = r.remote.Close()
	if r.inner != nil {
		_ = r.inner.Close()
	}
}

// redirected is where the server sent to, or "".
func (r *rtspRelay) redirected() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.location
}

// requests hands on what FFmpeg asks.
func (r *rtspRelay) requests() {
	in := bufio.NewReaderSize(r.inner, mostRTSPLine)
	for {
		m, err := readRTSP(in)
		if err != nil {
			return
		}
		r.name(m)
		if len(m.lines) > 0 && strings.HasPrefix(m.lines[0], "PLAY ") {
			r.playing.Store(true)
		}
		if m.write(r.remote) != nil {
			return
		}
	}
}

// name lets the server see its own address in a request, and not the relay's. What was
// signed stays.
func (r *rtspRelay) name(m *rtspMessage) {
	if len(m.lines) == 0 || strings.HasPrefix(strings.ToLower(m.header("authorization")), "digest") {
		return
	}
	before, after, found := strings.Cut(m.lines[0], " rtsp://"+r.listener.Addr().String())
	if found {
		m.lines[0] = before + " " + r.address.Scheme + "://" + r.address.Host + after
	}
}

// replies hands on what the server sends, but no redirect.
func (r *rtspRelay) replies() {
	in := bufio.NewReaderSize(r.remote, mostRTSPLine)
	for {
		m, err := readRTSP(in)
		if err != nil {
			return
		}
		if code, err := m.status(); err != nil {
			return
		} else if code >= 300 && code < 400 {
			r.mu.Lock()
			r.location = m.header("location")
			r.mu.Unlock()
			return
		}
		if m.frame != nil {
			r.watch.frame(m.frame)
		}
		if m.header("content-type") == "application/sdp" {
			r.watch.described(string(m.body))
		}
		r.watch.setUp(m.header("transport"))
		m.from(r.remote.RemoteAddr())
		if m.write(r.inner) != nil {
			return
		}
		if m.frame != nil && r.playing.Load() {
			break
		}
	}
	if r.watched(in) {
		_, _ = io.Copy(r.inner, in)
	}
}

// watched hands on what comes while it is looked at, and reports whether more may come.
func (r *rtspRelay) watched(in io.Reader) bool {
	heads := &frameHeads{watch: &r.watch}
	buffer := make([]byte, 16<<10)
	for !r.watch.enough() {
		n, err := in.Read(buffer)
		heads.take(buffer[:n])
		if _, failed := r.inner.Write(buffer[:n]); failed != nil || err != nil {
			return false
		}
	}
	return true
}

// from says in a reply where its packets come from, which FFmpeg takes for the address of
// its connection otherwise.
func (m *rtspMessage) from(server net.Addr) {
	address, ok := server.(*net.TCPAddr)
	for i, line := range m.lines {
		name, value, _ := strings.Cut(line, ":")
		lower := strings.ToLower(value)
		if ok && strings.EqualFold(name, "Transport") && !strings.Contains(lower, "source=") &&
			!strings.Contains(lower, "/tcp") && !strings.Contains(lower, "multicast") {
			m.lines[i] = fmt.Sprintf("%s;source=%s", line, address.IP)
		}
	}
}
