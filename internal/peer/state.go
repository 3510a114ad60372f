package peer

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"

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
