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
	core.HandleOn(r, wire.PeerFingerprints, func(_ *core.Call, p *peerHandle, _ wire.Empty) (wire.Fingerprints, error) {
		fingerprints, err := p.Fingerprints()
		told := wire.Fingerprints{Fingerprints: []wire.Fingerprint{}}
		for _, f := range fingerprints {
			told.Fingerprints = append(told.Fingerprints, wire.Fingerprint(f))
		}

		return told, refusal(err)
	})
	core.HandleOn(r, wire.PeerConnect, func(_ *core.Call, p *peerHandle, remote wire.Remote) (wire.Empty, error) {
		return wire.Empty{}, refusal(p.Connect(remoteOf(remote)))
	})
	core.HandleOn(r, wire.PeerRestartIce, func(_ *core.Call, p *peerHandle, parameters wire.ICEParameters) (wire.Empty, error) {
		return wire.Empty{}, refusal(p.RestartICE(iceParameters(parameters)))
	})
	core.HandleOn(r, wire.PeerSetIceServers, func(_ *core.Call, p *peerHandle, s wire.ICEServers) (wire.Empty, error) {
		return wire.Empty{}, refusal(p.SetICEServers(iceServers(s.ICEServers)))
	})
	core.HandleOn(r, wire.PeerAddSender, addSender)
	core.HandleOn(r, wire.PeerAddReceiver, addReceiver)
	core.HandleOn(r, wire.PeerGetStats, func(_ *core.Call, p *peerHandle, _ wire.Empty) (wire.Stats, error) {
		return wire.Stats{Entries: p.Stats()}, nil
	})
	core.HandleOn(r, wire.PeerCreateDataChannel, createDataChannel)
}

func createPeer(c *core.Call, w *worker, options wire.PeerOptions) (wire.Handle, error) {
	// A peer ends on the worker's goroutines: it is made before Close waits for them, or not.
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()

		return wire.Handle{}, refusal(errWorkerClosed)
	}
	w.making.Add(1)
	w.mu.Unlock()
	defer w.making.Done()
	p := &peerHandle{worker: w, id: newID()}
	p.handle = c.Env.NewHandle(p)
	var secrets peer.Secrets
	var err error
	p.Peer, err = peer.New(peer.Options{
		ICEServers:         iceServers(options.ICEServers),
		ICETransportPolicy: options.ICETransportPolicy,
		Loopback:           options.Loopback,
		GatherEarly:        options.ICECandidatePoolSize > 0,
		ExcludedInterfaces: options.ExcludedInterfaces,
		SRTPProfiles:       options.SRTPProfiles,
		Secrets:            &secrets,
		LoggerFactory:      w.log.hiding(secrets.Hide),
		Owner:              w.scope.Context(),
		Go:                 w.scope.GoThen,
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

func iceParameters(given wire.ICEParameters) peer.ICEParameters {
	return peer.ICEParameters{UsernameFragment: given.UsernameFragment, Password: given.Password, Lite: given.ICELite}
}

func remoteOf(given wire.Remote) peer.Remote {
	remote := peer.Remote{ICE: iceParameters(given.ICEParameters), Role: given.Role}
	for _, c := range given.ICECandidates {
		remote.Candidates = append(remote.Candidates, peer.Candidate{
			Foundation: c.Foundation, Address: c.Address, Protocol: c.Protocol, Type: c.Type, TCPType: c.TCPType,
			Priority: c.Priority, Port: c.Port,
		})
	}
	for _, f := range given.Fingerprints {
		remote.Fingerprints = append(remote.Fingerprints, peer.Fingerprint(f))
	}
	if given.SCTP != nil {
		remote.SCTP = &peer.SCTPParameters{Port: given.SCTP.Port, MaxMessageSize: given.SCTP.MaxMessageSize}
	}

	return remote
}

// Close ends the connection, then every handle that belongs to it.
func (p *peerHandle) Close() error {
	// Also when closing panics, which ends the worker.
	defer p.release()

	return refusal(p.Peer.Close())
}

func (p *peerHandle) release() {
	p.worker.mu.Lock()
	if _, open := p.worker.peers[p]; open {
		delete(p.worker.peers, p)
		p.worker.past.traffic = p.worker.past.traffic.Plus(p.Traffic())
	}
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

// drop ends the handle of a part.
func (p *peerHandle) drop(handle uint64) {
	p.parts.remove(handle)
	p.worker.env.Release(handle)
}

func kindOf(name string) (media.Kind, error) {
	switch name {
	case "audio":
		return media.Audio, nil
	case "video":
		return media.Video, nil
	default:
		return 0, invalidArgument(`kind: expected "audio" or "video", got %q`, name)
	}
}

func addSender(c *core.Call, p *peerHandle, options wire.SenderOptions) (wire.Sender, error) {
	kind, err := kindOf(options.Kind)
	if err != nil {
		return wire.Sender{}, err
	}
	track, err := lookupTrack(c.Env, options.Track)
	if err != nil {
		return wire.Sender{}, err
	}
	encodings, err := encodingsOf(options.Encodings)
	if err != nil {
		return wire.Sender{}, err
	}
	sender, err := p.AddSender(peer.SenderOptions{
		Kind: kind, Track: track, TrackIdentifier: options.TrackIdentifier, Encodings: encodings,
		Held: options.Held,
	})
	if err != nil {
		return wire.Sender{}, refusal(err)
	}
	made := wire.Sender{Handle: c.Env.NewHandle(&senderHandle{Sender: sender, peer: p})}
	for _, s := range sender.Streams() {
		made.Streams = append(made.Streams, wire.RTPStream{SSRC: s.SSRC, RTXSSRC: s.RTX})
	}
	p.parts.add(made.Handle)

	return made, nil
}

// addReceiver gives a receiver a handle, and one to its track.
func addReceiver(c *core.Call, p *peerHandle, options wire.ReceiverOptions) (wire.Receiver, error) {
	kind, err := kindOf(options.Kind)
	if err != nil {
		return wire.Receiver{}, err
	}
	r, err := p.AddReceiver(peer.ReceiverOptions{
		Parameters: parametersOf(options.Parameters), Kind: kind, TrackIdentifier: options.TrackIdentifier,
		Stream: peer.Stream{SSRC: options.Stream.SSRC, RTX: options.Stream.RTXSSRC},
	})
	if err != nil {
		return wire.Receiver{}, refusal(err)
	}
	track, err := p.worker.publish(r.Track())
	if err != nil {
		r.Stop()

		return wire.Receiver{}, refusal(err)
	}
	receiving := &receiverHandle{Receiver: r, peer: p}
	handle := c.Env.NewHandle(receiving)
	receiving.handle = handle
	p.parts.add(handle)
	r.OnEnded(func() { p.drop(handle) })

	return wire.Receiver{Handle: handle, Track: track.Handle}, nil
}
