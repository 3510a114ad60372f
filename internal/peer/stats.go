package peer

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// Stats are those of the whole connection: W3C RTCPeerConnection.getStats().
func (p *Peer) Stats() []map[string]any {
	if p.closed.Load() {
		return []stats.Entry{}
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
		return []stats.Entry{}
	}

	return stats.Selected("outbound-rtp", append(s.outboundStats(), s.peer.connectionStats()...))
}

// Stats are those of the receiver's stream and of what they refer to.
func (r *Receiver) Stats() []map[string]any {
	if r.peer.closed.Load() {
		return []stats.Entry{}
	}

	return stats.Selected("inbound-rtp", append(r.inboundStats(), r.peer.connectionStats()...))
}
