package peer

import (
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/stats"
)

// connectionStats are transport, candidate pairs, candidates, certificates and
// the connection itself.
func (p *Peer) connectionStats() []stats.Entry {
	// pion makes an ICE agent for whoever asks, of a closed connection too.
	if !p.negotiations.begin() {
		return []stats.Entry{}
	}
	defer p.negotiations.end()
	now := media.Milliseconds(time.Now())
	transport := stats.Entry{"id": stats.TransportID, "type": "transport", "timestamp": now}
	entries := []stats.Entry{
		transport,
		{
			"id": "peer-connection", "type": "peer-connection", "timestamp": now,
			"dataChannelsOpened": p.channelCounts.opened.Load(), "dataChannelsClosed": p.channelCounts.closed.Load(),
		},
	}
	selected, isSelected := p.selectedPair()
	report := p.pc.GetStats()
	p.mu.Lock()
	before := p.before
	p.mu.Unlock()
	traffic := before.With(report)
	transport["packetsSent"], transport["packetsReceived"] = traffic.Sent, traffic.Received
	ofICE, bytes := stats.Connection(report, selected, now)
	entries = append(entries, ofICE...)
	for name, value := range bytes {
		transport[name] = value
	}
	if certificate := p.dtls.GetRemoteCertificate(); len(certificate) > 0 {
		transport["remoteCertificateId"] = stats.RemoteCertificateID
		entries = append(entries, stats.RemoteCertificate(certificate, now))
	}
	p.completeTransport(transport)
	if isSelected {
		transport["selectedCandidatePairId"] = selected
		p.completePair(entries, selected)
	}

	return entries
}

// completeTransport adds what pion knows elsewhere.
func (p *Peer) completeTransport(e stats.Entry) {
	dtls, ice := p.dtls, p.ice
	e["dtlsState"], e["iceState"] = dtls.State().String(), ice.State().String()
	if role := ice.Role(); role.String() != "unknown" {
		e["iceRole"] = role.String()
	}
	if role := p.dtlsRole(); role != "" {
		e["dtlsRole"] = role
	}
	if cipher := p.handshakes.CipherSuite(); cipher != "" {
		e["dtlsCipher"], e["tlsVersion"] = cipher, connectivity.TLSVersion
	}
	e["selectedCandidatePairChanges"] = p.pairChanges.Load()
	if fragment := p.localFragment(); fragment != "" {
		e["iceLocalUsernameFragment"] = fragment
	}
}

// selectedPair is the id of the candidate pair in use, if there is one.
func (p *Peer) selectedPair() (id string, ok bool) {
	// Before ICE has begun, pion may be about to write what the next line reads.
	if p.ice.State() == webrtc.ICETransportStateNew {
		return "", false
	}
	if pair, err := p.ice.GetSelectedCandidatePair(); err != nil || pair == nil {
		return "", false
	}
	selected, ok := p.ice.GetSelectedCandidatePairStats()

	return selected.ID, ok
}

// completePair adds what congestion control knows of the pair in use.
func (p *Peer) completePair(entries []stats.Entry, id string) {
	bitrate, measured, known := p.side.Bitrate()
	if !measured || !known {
		return
	}
	for _, e := range entries {
		if e["id"] == id {
			e["availableOutgoingBitrate"] = bitrate
		}
	}
}

// dtlsRole is this side's (RFC 5763 section 5); empty before it is settled.
func (p *Peer) dtlsRole() string {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	switch {
	case p.remote == nil:
		return ""
	case p.remote.Role == "client":
		return "server"
	default:
		return "client"
	}
}

// channelStats are those of the open data channels, and of those that open.
func (p *Peer) channelStats() []stats.Entry {
	now := media.Milliseconds(time.Now())
	p.mu.Lock()
	channels := make([]*DataChannel, 0, len(p.channels))
	for c := range p.channels {
		channels = append(channels, c)
	}
	p.mu.Unlock()
	entries := []stats.Entry{}
	for _, c := range channels {
		id := c.pion.ID()
		if id == nil {
			continue
		}
		e := stats.Entry{
			"id": stats.ID("data-channel", *id), "type": "data-channel", "timestamp": now,
			"label": c.pion.Label(), "protocol": c.pion.Protocol(),
			"dataChannelIdentifier": *id, "state": c.State(),
			"messagesSent": 0, "bytesSent": 0, "messagesReceived": 0, "bytesReceived": 0,
		}
		c.queue.mu.Lock()
		stream := c.queue.stream
		c.queue.mu.Unlock()
		if stream != nil {
			e["messagesSent"], e["bytesSent"] = stream.MessagesSent(), stream.BytesSent()
			e["messagesReceived"], e["bytesReceived"] = stream.MessagesReceived(), stream.BytesReceived()
		}
		entries = append(entries, e)
	}

	return entries
}
