package peer

import (
	"slices"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// State is what Worker.dump() tells of a peer; the caller adds the id.
func (p *Peer) State() wire.PeerState {
	state := wire.PeerState{
		SignalingState:     p.pc.SignalingState().String(),
		ICEConnectionState: p.pc.ICEConnectionState().String(),
		ICEGatheringState:  p.pc.ICEGatheringState().String(),
		ConnectionState:    p.pc.ConnectionState().String(),
		Transceivers:       []wire.TransceiverState{},
		SendTransceivers:   []wire.SendTransceiverState{},
		DataChannels:       []wire.ChannelInfo{},
	}
	transceivers := p.pc.GetTransceivers()
	p.mu.Lock()
	defer p.mu.Unlock()
	sent := make(map[*webrtc.RTPTransceiver]wire.TrackOfEnd, len(p.senders))
	for s := range p.senders {
		sent[s.transceiver] = wire.TrackOfEnd{TrackID: s.shownTrack()}
	}
	for _, t := range transceivers {
		section := wire.TransceiverState{
			Mid: t.Mid(), Kind: t.Kind().String(), Direction: t.Direction().String(), LocalID: t.Mid(), Sender: sent[t],
		}
		if r := p.receivers[t.Mid()]; r != nil {
			id := r.track.remote.ID()
			section.Receiver.TrackID = &id
		}
		state.Transceivers = append(state.Transceivers, section)
		if id, ok := p.madeFor[t]; ok {
			state.SendTransceivers = append(state.SendTransceivers, wire.SendTransceiverState{Mid: t.Mid(), LocalID: id})
		}
	}
	for c := range p.channels {
		info := wire.ChannelInfo{Label: c.pion.Label(), ReadyState: c.State()}
		if id := c.pion.ID(); id != nil {
			info.ID = int(*id)
		}
		state.DataChannels = append(state.DataChannels, info)
	}
	slices.SortFunc(state.DataChannels, func(a, b wire.ChannelInfo) int { return a.ID - b.ID })

	return state
}

// shownTrack is the id of the track that is sent, as the app knows it; nil is none.
func (s *Sender) shownTrack() *string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.track == nil || s.stopped || s.leaving.Load() {
		return nil
	}
	id := s.trackID

	return &id
}
