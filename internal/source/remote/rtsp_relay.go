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

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
)

// rtspRelay stands between FFmpeg's client of RTSP and a server. It reads what is asked, and
// what is answered until playing begins, up to when FFmpeg would follow a redirect.
type rtspRelay struct {
	address  *url.URL
	listener net.Listener
	// playing is set before the request goes out.
	playing atomic.Bool
	watch   rtspWatch
	// share is how the ports of a media are shared by UDP; nil is not at all.
	share func(client int, seen func(packet []byte)) (*rtspPorts, error)

	mu            sync.Mutex
	remote, inner net.Conn
	closed        bool
	location      string
	// asked is the media that was asked for last, with its ports if it is to come by UDP; those of all are by FFmpeg's.
	asked asked
	ports map[int]*rtspPorts
}

type asked struct {
	media *watchedMedia
	ports *rtspPorts
}

func newRTSPRelay(address *url.URL, listener net.Listener, remote net.Conn) *rtspRelay {
	return &rtspRelay{address: address, listener: listener, remote: remote, ports: make(map[int]*rtspPorts)}
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
	for _, ports := range r.ports {
		ports.close()
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
		} else if len(m.lines) > 0 && strings.HasPrefix(m.lines[0], "SETUP ") {
			r.setUp(m)
		}
		if m.write(r.remote) != nil {
			return
		}
	}
}

// setUp takes which media FFmpeg asks for, and lets the server send to the relay where that is to be by UDP.
func (r *rtspRelay) setUp(m *rtspMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	url, _, _ := strings.Cut(strings.TrimPrefix(m.lines[0], "SETUP "), " ")
	r.asked = asked{media: r.watch.mediaAt(url)}
	client, ok := clientPort(m.header("transport"))
	media := r.asked.media
	if !ok || r.share == nil || r.closed || media == nil {
		return
	}
	ports := r.ports[client]
	if ports == nil {
		var err error
		if ports, err = r.share(client, func(packet []byte) { r.watch.packet(media, packet) }); err != nil {
			// FFmpeg takes what comes itself.
			return
		}
		r.ports[client] = ports
	}
	r.asked.ports = ports
	ports.request(m)
}

// answered takes which ports, or channels, the media that was asked for comes by.
func (r *rtspRelay) answered(m *rtspMessage) {
	transport := m.header("transport")
	if transport == "" {
		return
	}
	r.mu.Lock()
	asked := r.asked
	r.mu.Unlock()
	r.watch.setUp(asked.media, transport)
	if asked.ports != nil {
		asked.ports.reply(m, r.remote.RemoteAddr())
	} else {
		m.from(r.remote.RemoteAddr())
	}
}

// late takes what FFmpeg could read until opening took too long: what its start codes tell of, and sound of samples, which
// is whatever comes.
func (r *rtspRelay) late(stream *av.Stream, data []byte) {
	samples := strings.HasPrefix(stream.Codec, "pcm_") && stream.Channels > 0 && stream.Channels <= mostSampled
	if samples || format.CodedAs(stream) != nil && format.Likely(stream)(data) {
		r.watch.read(stream.Kind)
	}
}

// mostSampled is how many channels sound of samples may have; FFmpeg does not know the layout of too many.
const mostSampled = 256

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
		r.answered(m)
		if m.write(r.inner) != nil {
			return
		}
		if m.frame != nil && r.playing.Load() {
			break
		}
	}
	r.watched(in)
}

// watched hands on what comes, and looks at it.
func (r *rtspRelay) watched(in io.Reader) {
	heads := &frameHeads{watch: &r.watch}
	buffer := make([]byte, 64<<10)
	for {
		n, err := in.Read(buffer)
		heads.take(buffer[:n])
		if _, failed := r.inner.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
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
