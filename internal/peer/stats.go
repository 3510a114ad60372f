package peer

import (
	"strings"
	"time"
)

// entry is one W3C stats object (webrtc-stats), timestamps in milliseconds.
type entry = map[string]any

// Stats are those of the whole connection: W3C RTCPeerConnection.getStats().
func (p *Peer) Stats() []map[string]any {
	if p.closed.Load() {
		return []entry{}
	}
	entries := append(p.connectionStats(), p.channelStats()...)
	for _, s := range p.listSenders() {
		entries = append(entries, s.outboundStats()...)
	}
	for _, r := range p.listReceivers() {
		entries = append(entries, r.inboundStats()...)
	}

	return entries
}

// Stats are those of the sender's stream and of what they refer to.
func (s *Sender) Stats() []map[string]any {
	if s.peer.closed.Load() {
		return []entry{}
	}

	return selected("outbound-rtp", append(s.outboundStats(), s.peer.connectionStats()...))
}

// Stats are those of the receiver's stream and of what they refer to.
func (r *Receiver) Stats() []map[string]any {
	if r.peer.closed.Load() {
		return []entry{}
	}

	return selected("inbound-rtp", append(r.inboundStats(), r.peer.connectionStats()...))
}

// selected is W3C's stats selection algorithm (webrtc-pc section 8.5): the
// streams of a kind, and all that is referred to from them.
func selected(kind string, all []entry) []entry {
	byID := make(map[string]entry, len(all))
	chosen := []entry{}
	for _, e := range all {
		id, _ := e["id"].(string)
		if e["type"] == kind {
			chosen = append(chosen, e)
		} else {
			byID[id] = e
		}
	}
	for i := 0; i < len(chosen); i++ {
		for name, value := range chosen[i] {
			id, isText := value.(string)
			if !isText || !strings.HasSuffix(name, "Id") {
				continue
			}
			if e, ok := byID[id]; ok {
				delete(byID, id)
				chosen = append(chosen, e)
			}
		}
	}

	return chosen
}

func milliseconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }
