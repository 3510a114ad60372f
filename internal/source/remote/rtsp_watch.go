package remote

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

const (
	// mostWatched is how many packets are looked at, leastWatched how many of a media say that they are what it sends.
	mostWatched  = 2000
	leastWatched = 10
	// mostMedia is how many media of an SDP are looked at.
	mostMedia = 100
)

// rtspWatch compares what a server says that it sends with the packets that come over its connection: FFmpeg drops those
// that are others without a word.
type rtspWatch struct {
	mu    sync.Mutex
	media []*watchedMedia
	// channels are those of RTP, in the order of the media.
	channels []int
	seen     int
}

// watchedMedia is one line of media, and what came of it by payload type.
type watchedMedia struct {
	kind  string
	types []int
	codec string
	came  map[int]int
}

// described takes an SDP (RFC 8866).
func (w *rtspWatch) described(sdp string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.media, w.channels = nil, nil
	for line := range strings.Lines(sdp) {
		line = strings.TrimSpace(line)
		if said, found := strings.CutPrefix(line, "m="); found && len(w.media) < mostMedia {
			m := &watchedMedia{came: make(map[int]int)}
			for i, field := range strings.Fields(said) {
				if number, err := strconv.Atoi(field); i == 0 {
					m.kind = field
				} else if i > 2 && err == nil {
					m.types = append(m.types, number)
				}
			}
			w.media = append(w.media, m)
		}
		if said, found := strings.CutPrefix(line, "a=rtpmap:"); found && len(w.media) > 0 {
			_, codec, _ := strings.Cut(said, " ")
			codec, _, _ = strings.Cut(codec, "/")
			if m := w.media[len(w.media)-1]; m.codec == "" {
				m.codec = refusal.Shorten(codec)
			}
		}
	}
}

// setUp takes the transport of the next media from a reply.
func (w *rtspWatch) setUp(transport string) {
	_, channels, found := strings.Cut(transport, "interleaved=")
	if !found {
		return
	}
	first, _, _ := strings.Cut(channels, "-")
	first, _, _ = strings.Cut(first, ";")
	if channel, err := strconv.Atoi(strings.TrimSpace(first)); err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.channels = append(w.channels, channel)
	}
}

// frame takes the beginning of one: its header of four bytes, and that of RTP (RFC 3550 section 5.1).
func (w *rtspWatch) frame(frame []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	if i := slices.Index(w.channels, int(frame[1])); i >= 0 && i < len(w.media) && len(frame) >= mostFrameHead {
		w.media[i].came[int(frame[5]&0x7f)]++
	}
}

// enough says that no more is looked at.
func (w *rtspWatch) enough() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen >= mostWatched
}

// mostFrameHead is how much of a frame is looked at.
const mostFrameHead = 4 + 12

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

// arrived says what came of a kind, of which FFmpeg could use nothing; "" if nothing came, or nothing is known of it.
func (w *rtspWatch) arrived(kind media.Kind) string {
	if w == nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.media {
		if m.kind != kind.String() {
			continue
		}
		for _, payloadType := range slices.Sorted(maps.Keys(m.came)) {
			switch {
			case m.came[payloadType] < leastWatched:
			case slices.Contains(m.types, payloadType) && m.codec == "":
				return fmt.Sprintf("packets of payload type %d come, of which its SDP tells no codec", payloadType)
			case slices.Contains(m.types, payloadType):
				return fmt.Sprintf("packets of payload type %d come, of which nothing can be read as the %s of its SDP", payloadType, m.codec)
			default:
				return fmt.Sprintf("packets of payload type %d come, where its SDP tells of %s", payloadType, listed(m.types))
			}
		}
	}
	return ""
}

func listed(types []int) string {
	if len(types) == 0 {
		return "none"
	}
	var all []string
	for _, one := range types[:min(len(types), 10)] {
		all = append(all, strconv.Itoa(one))
	}
	return strings.Join(all, ", ")
}
