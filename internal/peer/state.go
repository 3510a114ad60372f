package peer

import (
	"cmp"
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// mostEnded senders are told of after their end: in the replaced package what a
// producer left stays.
const mostEnded = 16

// senderState is what State tells of a sender.
type senderState struct {
	wire.TransceiverState
	// number is that of its making, madeFor the track's that it was made for.
	number  uint64
	madeFor string
}

// remember keeps what is told of a sender that was stopped, with mu held.
func (p *Peer) remember(s senderState) {
	if len(p.ended) == mostEnded {
		p.ended = slices.Delete(p.ended, 0, 1)
	}
	p.ended = append(p.ended, s)
}

// State is what Worker.dump() tells of a peer; the caller adds the id.
func (p *Peer) State() wire.PeerState {
	state := wire.PeerState{
		SignalingState:     p.pc.SignalingState().String(),
		ICEConnectionState: p.pc.ICEConnectionState().String(),
		ICEGatheringState:  p.pc.ICEGatheringState().String(),
		ConnectionState:    p.connection.current().String(),
		Transceivers:       []wire.TransceiverState{},
		SendTransceivers:   []wire.SendTransceiverState{},
		DataChannels:       []wire.ChannelInfo{},
	}
	p.mu.Lock()
	senders := slices.Clone(p.ended)
	p.mu.Unlock()
	for _, s := range p.listSenders() {
		if sent, ok := s.state(); ok {
			senders = append(senders, sent)
		}
	}
	slices.SortFunc(senders, func(a, b senderState) int { return cmp.Compare(a.number, b.number) })
	for _, s := range senders {
		state.Transceivers = append(state.Transceivers, s.TransceiverState)
		state.SendTransceivers = append(state.SendTransceivers, wire.SendTransceiverState{Mid: s.Mid, LocalID: s.madeFor})
	}
	for _, r := range p.listReceivers() {
		id := r.options.TrackIdentifier
		state.Transceivers = append(state.Transceivers, wire.TransceiverState{
			Mid: r.Mid(), Kind: r.options.Kind.String(), Direction: "recvonly", LocalID: r.Mid(),
			Receiver: wire.TrackOfEnd{TrackID: &id},
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
	slices.SortFunc(state.DataChannels, func(a, b wire.ChannelInfo) int { return a.ID - b.ID })

	return state
}

// state is false of a sender that has not begun to send.
func (s *Sender) state() (senderState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := senderState{number: s.number, madeFor: s.madeFor}
	state.Mid, state.LocalID = s.mid, s.mid
	state.Kind, state.Direction = s.kind.String(), "sendonly"
	switch {
	case s.stopped || s.leaving.Load():
		state.Direction = "inactive"
	case s.track != nil:
		id := s.trackID
		state.Sender.TrackID = &id
	}

	return state, s.bound
}
