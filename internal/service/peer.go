package service

import (
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// peerHandle is a peer connection and the handles of what belongs to it.
type peerHandle struct {
	*peer.Peer
	worker *worker
	handle uint64
	id     string
	parts  parts
	// number counts the worker's peers.
	number uint64
	// leaving is set as soon as its end is asked for.
	leaving atomic.Bool
}

func registerPeer(r *core.Registry) {
	core.HandleOn(r, wire.PeerClose, func(_ *core.Call, p *peerHandle, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, p.Close()
	})
	core.Leaves[*peerHandle](r, wire.PeerClose)
	core.HandleOn(r, wire.PeerCreateOffer, func(_ *core.Call, p *peerHandle, _ wire.Empty) (wire.Description, error) {
		sdp, err := p.CreateOffer(false)

		return wire.Description{Type: "offer", SDP: sdp}, refusal(err)
	})
	core.HandleOn(r, wire.PeerCreateAnswer, func(_ *core.Call, p *peerHandle, _ wire.Empty) (wire.Description, error) {
		sdp, err := p.CreateAnswer()

		return wire.Description{Type: "answer", SDP: sdp}, refusal(err)
	})
	core.HandleOn(r, wire.PeerSetLocalDescription,
		func(_ *core.Call, p *peerHandle, d wire.Description) (wire.Description, error) {
			sdp, err := p.SetLocalDescription(d.Type, d.SDP)

			return wire.Description{Type: d.Type, SDP: sdp}, refusal(err)
		})
	core.HandleOn(r, wire.PeerSetRemoteDescription, func(_ *core.Call, p *peerHandle, d wire.Description) (wire.Empty, error) {
		return wire.Empty{}, refusal(p.SetRemoteDescription(d.Type, d.SDP))
	})
	core.HandleOn(r, wire.PeerRestartIce, func(_ *core.Call, p *peerHandle, d wire.Description) (wire.Empty, error) {
		return wire.Empty{}, refusal(p.RestartICE(d.Type, d.SDP))
	})
	core.HandleOn(r, wire.PeerSetIceServers, func(_ *core.Call, p *peerHandle, s wire.ICEServers) (wire.Empty, error) {
		return wire.Empty{}, refusal(p.SetICEServers(iceServers(s.ICEServers)))
	})
	core.HandleOn(r, wire.PeerAddSender, addSender)
	core.HandleOn(r, wire.PeerReceiver, receiver)
	core.HandleOn(r, wire.PeerGetStats, func(_ *core.Call, p *peerHandle, _ wire.Empty) (wire.Stats, error) {
		return wire.Stats{Entries: p.Stats()}, nil
	})
	core.HandleOn(r, wire.PeerCreateDataChannel, createDataChannel)
}

func createPeer(c *core.Call, w *worker, options wire.PeerOptions) (wire.Handle, error) {
	p := &peerHandle{worker: w, id: newID()}
	p.handle = c.Env.NewHandle(p)
	var err error
	p.Peer, err = peer.New(peer.Options{
		ICEServers:         iceServers(options.ICEServers),
		ICETransportPolicy: options.ICETransportPolicy,
		Loopback:           options.Loopback,
		GatherEarly:        options.ICECandidatePoolSize > 0,
		ExcludedInterfaces: options.ExcludedInterfaces,
		SRTPProfiles:       options.SRTPProfiles,
		LoggerFactory:      w.log,
		Go:                 w.scope.Go,
		Guard:              w.guard,
		Observer:           (*peerObserver)(p),
	})
	if err != nil {
		c.Env.Release(p.handle)

		return wire.Handle{}, refusal(err)
	}
	w.mu.Lock()
	closed := w.closed
	if !closed {
		w.lastPeer++
		p.number = w.lastPeer
		w.peers[p] = struct{}{}
	}
	w.mu.Unlock()
	if closed {
		_ = p.Close()

		return wire.Handle{}, refusal(errWorkerClosed)
	}

	return wire.Handle{Handle: p.handle}, nil
}

func iceServers(given []wire.ICEServer) []peer.ICEServer {
	servers := make([]peer.ICEServer, len(given))
	for i, s := range given {
		servers[i] = peer.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential}
	}

	return servers
}

// Leave implements core.Leaver.
func (p *peerHandle) Leave() { p.leaving.Store(true) }

// Close ends the connection, then every handle that belongs to it.
func (p *peerHandle) Close() error {
	// Also when closing panics, which ends the worker.
	defer p.release()

	return refusal(p.Peer.Close())
}

func (p *peerHandle) release() {
	p.worker.mu.Lock()
	delete(p.worker.peers, p)
	p.worker.mu.Unlock()
	for _, handle := range p.parts.takeAll() {
		p.worker.env.Release(handle)
	}
	p.worker.env.Release(p.handle)
}

func (p *peerHandle) state() wire.PeerState {
	state := p.State()
	state.ID = p.id

	return state
}

// peerObserver is peerHandle as peer.Observer.
type peerObserver peerHandle

func (o *peerObserver) ConnectionState(state string) {
	o.worker.env.Emit(o.handle, wire.PeerConnectionState, wire.State{State: state})
}

func (o *peerObserver) ICEGatheringState(state string) {
	o.worker.env.Emit(o.handle, wire.PeerIceGatheringState, wire.State{State: state})
}

func (o *peerObserver) ICECandidateError(url string, code int, text string) {
	o.worker.env.Emit(o.handle, wire.PeerIceCandidateError,
		wire.IceCandidateError{URL: url, ErrorCode: code, ErrorText: text})
}

func addSender(c *core.Call, p *peerHandle, options wire.SenderOptions) (wire.Handle, error) {
	kind := media.Video
	switch options.Kind {
	case "audio":
		kind = media.Audio
	case "video":
	default:
		return wire.Handle{}, invalidArgument(`kind: expected "audio" or "video", got %q`, options.Kind)
	}
	track, err := lookupTrack(c.Env, options.Track)
	if err != nil {
		return wire.Handle{}, err
	}
	encodings, err := encodingsOf(options.Encodings)
	if err != nil {
		return wire.Handle{}, err
	}
	sender, err := p.AddSender(peer.SenderOptions{
		Kind:      kind,
		Track:     track,
		StreamID:  options.StreamID,
		TrackID:   options.TrackID,
		Encodings: encodings,

		TrackIdentifier: options.TrackIdentifier,
	})
	if err != nil {
		return wire.Handle{}, refusal(err)
	}
	handle := c.Env.NewHandle(&senderHandle{Sender: sender, peer: p})
	p.parts.add(handle)

	return wire.Handle{Handle: handle}, nil
}

// receiver gives the receiver of a media section a handle, and one to its track.
func receiver(c *core.Call, p *peerHandle, query wire.ReceiverQuery) (wire.Receiver, error) {
	r, err := p.Receiver(query.Mid)
	if err != nil {
		return wire.Receiver{}, refusal(err)
	}
	track := r.Track()
	trackHandle, err := p.worker.adopt(track)
	if err != nil {
		return wire.Receiver{}, refusal(err)
	}
	p.worker.watch(trackHandle, track)
	handle := c.Env.NewHandle(&receiverHandle{Receiver: r, peer: p})
	p.parts.add(handle)
	r.OnEnded(func() {
		p.parts.remove(handle)
		c.Env.Release(handle)
	})

	return wire.Receiver{Handle: handle, Track: trackHandle}, nil
}
