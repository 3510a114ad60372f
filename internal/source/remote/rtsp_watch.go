package remote

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

const (
	// leastWatched is how many packets of another payload type, or pictures of its own that can't be read, say that they are what
	// a media sends, and watchedFor for how long they come at least.
	leastWatched = 10
	watchedFor   = time.Second
	// mostMedia is how many media of an SDP are looked at, and mostTypes how many payload types of one.
	mostMedia = 100
	mostTypes = 128
	// rtpHead is how long a header of RTP is (RFC 3550 section 5.1).
	rtpHead = 12
)

// rtspWatch compares what a server says that it sends with the packets that come of it: FFmpeg drops those that are others
// without a word.
type rtspWatch struct {
	// analysis is how long FFmpeg may look at what it reads before that is open.
	analysis time.Duration
	// lied is called once, where the packets of all media are of payload types that the SDP does not have; nil is nobody.
	lied func(kind, arrived string)

	mu    sync.Mutex
	media []*watchedMedia
	// channels are those of RTP, with their media.
	channels map[int]*watchedMedia
	all      bool
}

// described takes an SDP (RFC 8866).
func (w *rtspWatch) described(sdp string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.media, w.channels = nil, make(map[int]*watchedMedia)
	for line := range strings.Lines(sdp) {
		line = strings.TrimSpace(line)
		if said, found := strings.CutPrefix(line, "m="); found && len(w.media) < mostMedia {
			m := &watchedMedia{came: make(map[int]arrival), codecs: make(map[int]string)}
			for i, field := range strings.Fields(said) {
				if number, err := strconv.Atoi(field); i == 0 {
					m.kind = field
				} else if i > 2 && err == nil && len(m.types) < mostTypes {
					m.types = append(m.types, number)
				}
			}
			w.media = append(w.media, m)
		}
		if len(w.media) == 0 {
			continue
		}
		m := w.media[len(w.media)-1]
		if said, found := strings.CutPrefix(line, "a=control:"); found {
			m.control = said
		}
		if said, found := strings.CutPrefix(line, "a=rtpmap:"); found {
			number, codec, _ := strings.Cut(said, " ")
			codec, _, _ = strings.Cut(strings.TrimSpace(codec), "/")
			if payloadType, err := strconv.Atoi(number); err == nil && slices.Contains(m.types, payloadType) {
				m.codecs[payloadType] = refusal.Shorten(codec)
			}
		}
	}
}

// mediaAt is the media that a URL asks for by its attribute control, as FFmpeg puts that after its own URL; nil is none that is known.
func (w *rtspWatch) mediaAt(url string) *watchedMedia {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found *watchedMedia
	for _, m := range w.media {
		if strings.HasSuffix(url, m.control) && (found == nil || len(m.control) > len(found.control)) {
			found = m
		}
	}
	if found != nil {
		found.asked = found.kind == media.Audio.String() || found.kind == media.Video.String()
	}
	return found
}

// setUp takes the transport of a media from a reply.
func (w *rtspWatch) setUp(m *watchedMedia, transport string) {
	_, channels, found := strings.Cut(transport, "interleaved=")
	if !found || m == nil {
		return
	}
	first, _, _ := strings.Cut(channels, "-")
	first, _, _ = strings.Cut(first, ";")
	if channel, err := strconv.Atoi(strings.TrimSpace(first)); err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.channels != nil && channel <= math.MaxUint8 {
			w.channels[channel] = m
		}
	}
}

// frame takes the beginning of one: its header of four bytes, and that of RTP.
func (w *rtspWatch) frame(frame []byte) {
	w.mu.Lock()
	m := w.channels[int(frame[1])]
	w.mu.Unlock()
	w.packet(m, frame[4:])
}

// packet takes the beginning of one.
func (w *rtspWatch) packet(m *watchedMedia, head []byte) {
	if m == nil || len(head) < rtpHead {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !m.take(int(head[1]&0x7f), binary.BigEndian.Uint32(head[4:]), time.Now()) || w.all || w.lied == nil || !m.other() {
		return
	}
	for _, m := range w.media {
		if m.asked && !m.other() {
			return
		}
	}
	w.all = true
	w.lied(m.kind, m.arrived(w.analysis))
}

// read takes that something of a kind could be read: what came until then is as it should be.
func (w *rtspWatch) read(kind media.Kind) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.media {
		if m.kind == kind.String() {
			m.read = true
			clear(m.came)
		}
	}
}

// mostFrameHead is how much of a frame is looked at.
const mostFrameHead = 4 + rtpHead

// frameHeads finds the beginnings of frames in what is handed on as it comes, as FFmpeg does: what is none is passed over.
type frameHeads struct {
	watch *rtspWatch
	head  []byte
	// skip is how much of a frame is still to come.
	skip int
}

func (f *frameHeads) take(data []byte) {
	for len(data) > 0 {
		if f.skip > 0 {
			n := min(f.skip, len(data))
			f.skip -= n
			data = data[n:]
			continue
		}
		if len(f.head) == 0 && data[0] != '$' {
			next := bytes.IndexByte(data, '$')
			if next < 0 {
				return
			}
			data = data[next:]
		}
		f.head = append(f.head, data[0])
		data = data[1:]
		if len(f.head) < 4 {
			continue
		}
		if whole := 4 + int(binary.BigEndian.Uint16(f.head[2:])); len(f.head) >= min(whole, mostFrameHead) {
			f.watch.frame(f.head)
			f.skip, f.head = whole-len(f.head), f.head[:0]
		}
	}
}

// hopeful says that there is something else that may be as it should be, where not all is.
func (w *rtspWatch) hopeful() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.media, func(m *watchedMedia) bool { return m.asked && m.hopeful(w.analysis) })
}

// arrived says what came of a kind since something of it was read; "" if nothing came, or nothing is known of it. It is sure
// that FFmpeg can't use it where all media of the kind send payload types that their SDP does not have: else that depends on
// how long nothing was read.
func (w *rtspWatch) arrived(kind media.Kind) (what string, sure bool) {
	if w == nil {
		return "", false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	sure = true
	for _, m := range w.media {
		if m.kind != kind.String() || !m.asked {
			continue
		}
		sure = sure && m.other()
		if what == "" {
			what = m.arrived(w.analysis)
		}
	}
	return what, sure && what != ""
}
