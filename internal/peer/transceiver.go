package peer

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"
)

// transceiverFor adds a sendonly transceiver of the layers (RFC 8853, where there
// are several).
func (p *Peer) transceiverFor(layers []*layer) (*webrtc.RTPTransceiver, error) {
	t, err := p.transceiverOf(layers[0].out)
	if err != nil {
		return nil, err
	}
	for _, l := range layers[1:] {
		if err := t.Sender().AddEncoding(l.out); err != nil {
			_ = p.pc.RemoveTrack(t.Sender())

			return nil, p.failed(fmt.Sprintf("adding encoding %q", l.out.rid), err)
		}
	}

	return t, nil
}

// A transceiver that a stopped sender left is used again after a while: its mid goes
// with it, and the server may hear later than we that the producer of it is closed.
// So many of each kind may wait; they stay in every description.
const (
	restOfTransceivers = 5 * time.Second
	mostAtRest         = 4
)

// transceiverOf uses a transceiver again that a stopped sender left, or adds one.
func (p *Peer) transceiverOf(track webrtc.TrackLocal) (*webrtc.RTPTransceiver, error) {
	if p.canUseAgain(track.Kind()) {
		rtpSender, err := p.pc.AddTrack(track)
		if err != nil {
			return nil, p.failed("using a transceiver again", err)
		}
		for _, used := range p.pc.GetTransceivers() {
			if used.Sender() == rtpSender {
				return used, nil
			}
		}
	}
	t, err := p.pc.AddTransceiverFromTrack(track,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, p.failed("adding a transceiver", err)
	}

	return t, nil
}

// canUseAgain says whether the transceiver that pion would use for a new track, the
// first that is idle, has been so for long enough.
func (p *Peer) canUseAgain(kind webrtc.RTPCodecType) bool {
	transceivers := p.pc.GetTransceivers()
	p.mu.Lock()
	defer p.mu.Unlock()
	busy := make(map[*webrtc.RTPTransceiver]bool, len(p.senders))
	for s := range p.senders {
		busy[s.transceiver] = true
	}
	var first *webrtc.RTPTransceiver
	idle := 0
	for _, t := range transceivers {
		if t.Kind() != kind || busy[t] || t.Mid() == "" ||
			t.Direction() != webrtc.RTPTransceiverDirectionInactive {
			continue
		}
		if idle++; idle == 1 {
			first = t
		}
	}
	if first == nil {
		return false
	}

	return idle >= mostAtRest || time.Since(p.left[first]) >= restOfTransceivers
}
