package peer

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

const (
	// startLimit is how long is waited for ICE to begin, and startInterval how often is looked.
	startLimit    = time.Second
	startInterval = time.Millisecond
	// gatherLimit is more than a gathering takes whose servers do not answer: 8 s, and as long for names.
	gatherLimit = 30 * time.Second
)

// iceTransport is pion's.
func (p *Peer) iceTransport() *webrtc.ICETransport { return p.ice }

// listICEServers are those in force.
func (p *Peer) listICEServers() []ICEServer {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.iceServers
}

// gatheringFailed tells of an ICE server that gave no candidate.
func (p *Peer) gatheringFailed(url string, code int, text string) {
	if !p.closed.Load() {
		p.options.Observer.ICECandidateError(url, code, text)
	}
}

// SetICEServers replaces the ICE servers: W3C RTCPeerConnection.setConfiguration().
// The next gathering, so the next restart of ICE, uses them.
func (p *Peer) SetICEServers(servers []ICEServer) error {
	if err := p.refusal(); err != nil {
		return err
	}
	if err := connectivity.CheckICEServers(servers); err != nil {
		return fmt.Errorf("%w: iceServers: %w", ErrInvalidArgument, err)
	}
	p.options.Secrets.addServers(servers)
	if _, err := p.api.NewICEGatherer(webrtc.ICEGatherOptions{ICEServers: connectivity.ICEServers(servers)}); err != nil {
		return fmt.Errorf("%w: iceServers: %w", ErrInvalidArgument, err)
	}
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	p.nextServers = &servers
	// What gathers reads the servers with nothing held: it is given others when it has ended.
	if p.gathering.Load() {
		return p.refusal()
	}

	return p.applyServers()
}

// applyServers gives pion the servers that were set last, with negotiating held, while nothing gathers.
func (p *Peer) applyServers() error {
	if p.nextServers == nil {
		return nil
	}
	servers := *p.nextServers
	configuration := p.pc.GetConfiguration()
	configuration.ICEServers = connectivity.ICEServers(servers)
	// It is in force, and pion takes it again for a change, of which it warns.
	configuration.ICECandidatePoolSize = 0
	if err := p.pc.SetConfiguration(configuration); err != nil {
		return p.failed("setting ICE servers", err)
	}
	p.network.SetServers(servers)
	p.nextServers = nil
	p.mu.Lock()
	p.iceServers = servers
	p.mu.Unlock()

	return nil
}

// RestartICE begins ICE anew (RFC 8839 section 4.4.1.1.1), with the credentials that the
// server has from now on.
func (p *Peer) RestartICE(parameters ICEParameters) error {
	if err := p.refusal(); err != nil {
		return err
	}
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	if err := p.refusal(); err != nil {
		return err
	}
	if p.remote == nil {
		return fmt.Errorf("%w: nothing was negotiated yet", ErrInvalidState)
	}
	remote := *p.remote
	remote.ICE = parameters
	if err := remote.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	p.awaitICE()
	if err := p.endGathering(); err != nil {
		return err
	}
	report := p.pc.GetStats()
	p.mu.Lock()
	p.before = p.before.With(report)
	p.mu.Unlock()
	p.hastener.Reset()
	p.network.Keep()

	return p.negotiate(remote, true)
}

// awaitICE waits until pion has begun with what was negotiated before: it would
// begin with the old credentials after the restart.
func (p *Peer) awaitICE() {
	p.await(startLimit, func() bool { return p.ice.State() == webrtc.ICETransportStateNew })
}

// gatheringChanged notes when what gathers begins and ends.
func (p *Peer) gatheringChanged(state webrtc.ICEGatheringState) {
	if state == webrtc.ICEGatheringStateComplete {
		p.network.Release()
	}
	p.gathering.Store(state == webrtc.ICEGatheringStateGathering)
}

// endGathering waits for what gathers, and gives pion the servers that were set meanwhile, with negotiating held. A
// restart would cancel it: what pion has cancelled ends without a word, and may be about to read its servers still.
func (p *Peer) endGathering() error {
	p.await(gatherLimit, p.gathering.Load)
	if p.gathering.Load() {
		return p.failed("restarting ICE", fmt.Errorf("%w: candidates are still gathered", ErrInvalidState))
	}

	return p.applyServers()
}

// await waits while something of pion's is so, but no longer than limit.
func (p *Peer) await(limit time.Duration, isSo func() bool) {
	deadline := time.Now().Add(limit)
	for isSo() && time.Now().Before(deadline) && p.refusal() == nil {
		time.Sleep(startInterval)
	}
}
