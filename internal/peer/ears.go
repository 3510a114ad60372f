package peer

import (
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// ears are pion's streams of an SSRC and of its retransmissions, RTP and RTCP: a
// webrtc.RTPReceiver that nobody reads. Opened before a packet comes, they are neither strange
// to pion, nor kept by it for ever. They could go if srtp's sessions gave their packets
// to a handler, whatever SSRC they are of.
type ears struct {
	ssrc, rtx uint32

	mu       sync.Mutex
	receiver *webrtc.RTPReceiver
	// streams count them.
	streams *demux
	closed  bool
}

// lingering is for how long ears stay open that are not needed any more: the server
// hears later than we that a consumer is closed.
const lingering = 5 * time.Second

// open listens, once DTLS is up.
func (e *ears) open(p *Peer) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.receiver != nil || !p.connected.Load() {
		return nil
	}
	receiver, err := p.api.NewRTPReceiver(webrtc.RTPCodecTypeAudio, p.dtls)
	if err != nil {
		return p.failed("listening to a stream", err)
	}
	encoding := webrtc.RTPDecodingParameters{}
	encoding.SSRC, encoding.RTX.SSRC = webrtc.SSRC(e.ssrc), webrtc.SSRC(e.rtx)
	p.streams.count(1, e.ssrc, e.rtx)
	if err := receiver.Receive(webrtc.RTPReceiveParameters{Encodings: []webrtc.RTPDecodingParameters{encoding}}); err != nil {
		p.streams.count(-1, e.ssrc, e.rtx)

		return p.failed("listening to a stream", err)
	}
	e.receiver, e.streams = receiver, p.streams

	return nil
}

func (e *ears) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.receiver != nil {
		_ = e.receiver.Stop()
		e.receiver = nil
		e.streams.count(-1, e.ssrc, e.rtx)
	}
}

// leftEars are ears that are not needed any more, and since when.
type leftEars struct {
	ears  *ears
	since time.Time
}

// leave closes ears in a while: when others are left after that.
func (p *Peer) leave(left *ears, now time.Time) {
	p.mu.Lock()
	due := 0
	for due < len(p.left) && now.Sub(p.left[due].since) >= lingering {
		due++
	}
	closing := p.left[:due]
	p.left = append(p.left[due:], leftEars{left, now})
	p.mu.Unlock()
	for _, l := range closing {
		l.ears.close()
	}
}
