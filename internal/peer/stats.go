package peer

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// entry is one W3C stats object (webrtc-stats), timestamps in milliseconds.
type entry = map[string]any

// Stats are those of the whole connection: W3C RTCPeerConnection.getStats().
func (p *Peer) Stats() []map[string]any {
	if p.closed.Load() {
		return []entry{}
	}
	entries := p.pionStats(func(webrtc.Stats) bool { return true })
	for _, s := range p.listSenders() {
		entries = append(entries, s.outboundStats()...)
	}
	p.mu.Lock()
	receivers := make([]*Receiver, 0, len(p.receivers))
	for _, r := range p.receivers {
		receivers = append(receivers, r)
	}
	p.mu.Unlock()
	for _, r := range receivers {
		entries = append(entries, r.inboundStats()...)
	}

	return entries
}

// Stats are those of the sender and of the connection under it.
func (s *Sender) Stats() []map[string]any {
	if s.peer.closed.Load() {
		return []entry{}
	}

	return append(s.peer.transportStats(), s.outboundStats()...)
}

// Stats are those of the receiver and of the connection under it.
func (r *Receiver) Stats() []map[string]any {
	if r.peer.closed.Load() {
		return []entry{}
	}

	return append(r.peer.transportStats(), r.inboundStats()...)
}

func (p *Peer) transportStats() []entry {
	return p.pionStats(func(s webrtc.Stats) bool {
		switch s.(type) {
		case webrtc.TransportStats, webrtc.ICECandidatePairStats, webrtc.ICECandidateStats, webrtc.CertificateStats:
			return true
		default:
			return false
		}
	})
}

// pionStats has what pion knows; RTP streams are counted here (see outboundStats).
func (p *Peer) pionStats(wanted func(webrtc.Stats) bool) []entry {
	entries := []entry{}
	report := p.pc.GetStats()
	for _, s := range report {
		if _, inbound := s.(webrtc.InboundRTPStreamStats); inbound || !wanted(s) || isAlias(report, s) {
			continue
		}
		text, err := json.Marshal(s)
		if err != nil {
			continue
		}
		e := entry{}
		if err := json.Unmarshal(text, &e); err == nil {
			leaveOutUnknown(e)
			p.completeTransport(e)
			entries = append(entries, e)
		}
	}

	return entries
}

// leaveOutUnknown removes the members that pion has but does not fill: W3C says
// that what is not known is not there.
func leaveOutUnknown(e entry) {
	for name, value := range e {
		switch v := value.(type) {
		case string:
			if v == "" || v == "unknown" {
				delete(e, name)
			}
		case float64:
			notMeasured := v <= 0 && strings.HasSuffix(strings.ToLower(name), "timestamp")
			if notMeasured || v == 0 && strings.HasPrefix(name, "available") {
				delete(e, name)
			}
		}
	}
}

// completeTransport adds what pion knows elsewhere.
func (p *Peer) completeTransport(e entry) {
	if e["type"] != "transport" {
		return
	}
	dtls := p.pc.SCTP().Transport()
	ice := dtls.ICETransport()
	e["dtlsState"], e["iceState"] = dtls.State().String(), ice.State().String()
	if role := ice.Role(); role.String() != "unknown" {
		e["iceRole"] = role.String()
	}
	if pair, err := ice.GetSelectedCandidatePair(); err == nil && pair != nil {
		if stats, ok := ice.GetSelectedCandidatePairStats(); ok {
			e["selectedCandidatePairId"] = stats.ID
			e["packetsSent"], e["packetsReceived"] = stats.PacketsSent, stats.PacketsReceived
		}
	}
}

// isAlias says whether s is of a candidate that hasten made.
func isAlias(report webrtc.StatsReport, s webrtc.Stats) bool {
	switch s := s.(type) {
	case webrtc.ICECandidateStats:
		return s.Type == webrtc.StatsTypeRemoteCandidate && s.CandidateType == aliasType
	case webrtc.ICECandidatePairStats:
		remote, ok := report[s.RemoteCandidateID].(webrtc.ICECandidateStats)

		return ok && isAlias(report, remote)
	default:
		return false
	}
}

// addRoundTrips leaves the times out until there is one.
func addRoundTrips(e entry, last, total time.Duration, count uint64) {
	if count == 0 {
		return
	}
	e["roundTripTime"], e["totalRoundTripTime"] = last.Seconds(), total.Seconds()
	e["roundTripTimeMeasurements"] = count
}

func milliseconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

// State is what Worker.dump() tells of a peer; the caller adds the id.
func (p *Peer) State() wire.PeerState {
	state := wire.PeerState{
		SignalingState:     p.pc.SignalingState().String(),
		ICEConnectionState: p.pc.ICEConnectionState().String(),
		ICEGatheringState:  p.pc.ICEGatheringState().String(),
		ConnectionState:    p.pc.ConnectionState().String(),
		Transceivers:       []wire.TransceiverState{},
		DataChannels:       []wire.ChannelInfo{},
	}
	for _, t := range p.pc.GetTransceivers() {
		state.Transceivers = append(state.Transceivers, wire.TransceiverState{
			Mid: t.Mid(), Kind: t.Kind().String(), Direction: t.Direction().String(), LocalID: t.Mid(),
		})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.channels {
		info := wire.ChannelInfo{Label: c.pion.Label(), ReadyState: c.State()}
		if id := c.pion.ID(); id != nil {
			info.ID = int(*id)
		}
		state.DataChannels = append(state.DataChannels, info)
	}

	return state
}
