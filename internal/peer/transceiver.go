package peer

import (
	"fmt"

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

			return nil, fmt.Errorf("adding encoding %q: %w", l.out.rid, err)
		}
	}

	return t, nil
}

// transceiverOf uses a transceiver again that a stopped sender left: its media
// section would stay in every later description anyway.
func (p *Peer) transceiverOf(track webrtc.TrackLocal) (*webrtc.RTPTransceiver, error) {
	p.mu.Lock()
	busy := make(map[*webrtc.RTPTransceiver]bool, len(p.senders))
	for s := range p.senders {
		busy[s.transceiver] = true
	}
	p.mu.Unlock()
	for _, t := range p.pc.GetTransceivers() {
		if t.Kind() != track.Kind() || busy[t] || t.Mid() == "" ||
			t.Direction() != webrtc.RTPTransceiverDirectionInactive {
			continue
		}
		rtpSender, err := p.pc.AddTrack(track)
		if err != nil {
			return nil, fmt.Errorf("using a transceiver again: %w", err)
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
		return nil, fmt.Errorf("adding a transceiver: %w", err)
	}

	return t, nil
}
