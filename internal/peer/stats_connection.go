package peer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

const (
	transportID         = "transport"
	remoteCertificateID = "certificate-remote"
)

// filled are the members that pion knows; it has others, which stay at zero.
// W3C says that what is not known is not there.
var filled = map[webrtc.StatsType][]string{ //nolint:gochecknoglobals // never changed
	webrtc.StatsTypeTransport: {"bytesSent", "bytesReceived"},
	webrtc.StatsTypeCandidatePair: {
		"localCandidateId", "remoteCandidateId", "state", "nominated", "packetsSent", "packetsReceived",
		"bytesSent", "bytesReceived", "totalRoundTripTime", "currentRoundTripTime", "requestsSent",
		"requestsReceived", "responsesSent", "responsesReceived", "lastPacketSentTimestamp",
		"lastPacketReceivedTimestamp",
	},
	webrtc.StatsTypeLocalCandidate: {
		"address", "ip", "port", "protocol", "candidateType", "priority", "url", "relayProtocol",
	},
	webrtc.StatsTypeRemoteCandidate: {"address", "ip", "port", "protocol", "candidateType", "priority"},
	webrtc.StatsTypeCertificate:     {"fingerprint", "fingerprintAlgorithm", "base64Certificate"},
}

// connectionStats are transport, candidate pairs, candidates, certificates and
// the connection itself.
func (p *Peer) connectionStats() []entry {
	// pion makes an ICE agent for whoever asks, of a closed connection too.
	if !p.negotiations.begin() {
		return []entry{}
	}
	defer p.negotiations.end()
	now := milliseconds(time.Now())
	transport := entry{"id": transportID, "type": "transport", "timestamp": now}
	entries := []entry{
		transport,
		{
			"id": "peer-connection", "type": "peer-connection", "timestamp": now,
			"dataChannelsOpened": p.channelCounts.opened.Load(), "dataChannelsClosed": p.channelCounts.closed.Load(),
		},
	}
	report := p.pc.GetStats()
	p.mu.Lock()
	before := p.before
	p.mu.Unlock()
	traffic := before.with(report)
	transport["packetsSent"], transport["packetsReceived"] = traffic.sent, traffic.received
	for _, s := range report {
		if isAlias(report, s) {
			continue
		}
		e, kind := known(s)
		switch kind {
		case webrtc.StatsTypeTransport:
			for _, name := range filled[kind] {
				transport[name] = e[name]
			}

			continue
		case webrtc.StatsTypeCertificate:
			completeCertificate(e)
			transport["localCertificateId"] = e["id"]
		case webrtc.StatsTypeCandidatePair:
			e["transportId"] = transportID
		case webrtc.StatsTypeLocalCandidate, webrtc.StatsTypeRemoteCandidate:
			e["transportId"] = transportID
			e["address"] = e["ip"]
		default:
			continue
		}
		e["timestamp"] = now
		entries = append(entries, e)
	}
	if certificate := p.pc.SCTP().Transport().GetRemoteCertificate(); len(certificate) > 0 {
		transport["remoteCertificateId"] = remoteCertificateID
		entries = append(entries, remoteCertificate(certificate, now))
	}
	p.completeTransport(transport)
	p.completePair(entries, transport["selectedCandidatePairId"])

	return entries
}

// known takes over what pion fills.
func known(s webrtc.Stats) (entry, webrtc.StatsType) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, ""
	}
	all := entry{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, ""
	}
	name, _ := all["type"].(string)
	kind := webrtc.StatsType(name)
	e := entry{"id": all["id"], "type": name}
	for _, name := range filled[kind] {
		switch v := all[name].(type) {
		case nil:
		case string:
			if v != "" && v != "unknown" {
				e[name] = v
			}
		case float64:
			if optional := strings.HasSuffix(name, "Timestamp"); v > 0 || !optional {
				e[name] = v
			}
		default:
			e[name] = v
		}
	}

	return e, kind
}

// pairTraffic is what the candidate pairs of ICE have carried, of packets that are not
// ICE's own.
type pairTraffic struct{ sent, received uint64 }

// with adds that of a report: pairs are gone once ICE begins anew.
func (t pairTraffic) with(report webrtc.StatsReport) pairTraffic {
	for _, s := range report {
		if pair, ok := s.(webrtc.ICECandidatePairStats); ok {
			t.sent += uint64(pair.PacketsSent)
			t.received += uint64(pair.PacketsReceived)
		}
	}

	return t
}

// completeTransport adds what pion knows elsewhere.
func (p *Peer) completeTransport(e entry) {
	dtls := p.pc.SCTP().Transport()
	ice := dtls.ICETransport()
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
	if pair, err := ice.GetSelectedCandidatePair(); err == nil && pair != nil {
		if stats, ok := ice.GetSelectedCandidatePairStats(); ok {
			e["selectedCandidatePairId"] = stats.ID
		}
	}
}

// completePair adds what congestion control knows of the pair in use.
func (p *Peer) completePair(entries []entry, id any) {
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

// completeCertificate writes pion's values as RFC 8122 and W3C have them.
func completeCertificate(e entry) {
	if fingerprint, ok := e["fingerprint"].(string); ok {
		e["fingerprint"] = strings.ToUpper(fingerprint)
	}
	if text, ok := e["base64Certificate"].(string); ok {
		if der, err := base64.RawURLEncoding.DecodeString(text); err == nil {
			e["base64Certificate"] = base64.StdEncoding.EncodeToString(der)
		}
	}
}

// remoteCertificate is the server's.
func remoteCertificate(der []byte, now float64) entry {
	digest := sha256.Sum256(der)
	pairs := make([]string, len(digest))
	for i, b := range digest {
		pairs[i] = fmt.Sprintf("%02X", b)
	}

	return entry{
		"id": remoteCertificateID, "type": "certificate", "timestamp": now,
		"fingerprint": strings.Join(pairs, ":"), "fingerprintAlgorithm": "sha-256",
		"base64Certificate": base64.StdEncoding.EncodeToString(der),
	}
}

// isAlias says whether s is of a candidate that hasten made.
func isAlias(report webrtc.StatsReport, s webrtc.Stats) bool {
	switch s := s.(type) {
	case webrtc.ICECandidateStats:
		return s.Type == webrtc.StatsTypeRemoteCandidate && s.CandidateType == connectivity.AliasType
	case webrtc.ICECandidatePairStats:
		remote, ok := report[s.RemoteCandidateID].(webrtc.ICECandidateStats)

		return ok && isAlias(report, remote)
	default:
		return false
	}
}

// channelStats are those of the open data channels, and of those that open.
func (p *Peer) channelStats() []entry {
	now := milliseconds(time.Now())
	p.mu.Lock()
	channels := make([]*DataChannel, 0, len(p.channels))
	for c := range p.channels {
		channels = append(channels, c)
	}
	p.mu.Unlock()
	entries := []entry{}
	for _, c := range channels {
		id := c.pion.ID()
		if id == nil {
			continue
		}
		e := entry{
			"id": entryID("data-channel", *id), "type": "data-channel", "timestamp": now,
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
