package peer

import (
	"slices"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// changed is called when something was done that reports tell of: what is kept of them is not true any more.
func (p *Peer) changed() { p.changes.Add(1) }

// kept gives the report that k keeps, or what gather gathers. Entries are shared: nobody changes them.
func (p *Peer) kept(k *stats.Kept, gather func() []stats.Entry) []stats.Entry {
	changes := p.changes.Load() + p.pairChanges.Load()

	return k.Read(changes, time.Now(), gather)
}

// Stats are those of the whole connection: W3C RTCPeerConnection.getStats(). Those that were asked for less than 50 ms
// ago are given again, as browsers do. Nobody changes them.
func (p *Peer) Stats() []map[string]any {
	if p.closed.Load() {
		return []stats.Entry{}
	}

	return p.kept(&p.all, func() []stats.Entry {
		entries := slices.Concat(p.ofConnection(), p.channelStats())
		for _, s := range p.listSenders() {
			entries = append(entries, s.outboundStats()...)
		}
		for _, r := range p.listReceivers() {
			entries = append(entries, r.inboundStats()...)
		}

		return entries
	})
}

// ofConnection is what the reports of all have in common.
func (p *Peer) ofConnection() []stats.Entry { return p.kept(&p.ofConnect, p.connectionStats) }

// Stats are those of the sender's stream and of what they refer to, kept as those of the Peer are.
func (s *Sender) Stats() []map[string]any {
	if s.peer.closed.Load() {
		return []stats.Entry{}
	}

	return s.peer.kept(&s.report, func() []stats.Entry {
		return stats.Selected("outbound-rtp", append(s.outboundStats(), s.peer.ofConnection()...))
	})
}

// Stats are those of the receiver's stream and of what they refer to, kept as those of the Peer are.
func (r *Receiver) Stats() []map[string]any {
	if r.peer.closed.Load() {
		return []stats.Entry{}
	}

	return r.peer.kept(&r.report, func() []stats.Entry {
		return stats.Selected("inbound-rtp", append(r.inboundStats(), r.peer.ofConnection()...))
	})
}
