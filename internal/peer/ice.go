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
	// gatherLimit is how long other servers wait for a gathering, which begins at once and may take long.
	gatherLimit = 100 * time.Millisecond
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
	p.options.Secrets.addServers(servers)
	// pion's goroutines that gather read the servers as they begin, with nothing held.
	p.await(gatherLimit, func() bool { return p.pc.ICEGatheringState() == webrtc.ICEGatheringStateGathering })
	configuration := p.pc.GetConfiguration()
	configuration.ICEServers = connectivity.ICEServers(servers)
	// It is in force, and pion takes it again for a change, of which it warns.
	configuration.ICECandidatePoolSize = 0
	if err := p.pc.SetConfiguration(configuration); err != nil {
		if refused := p.refusal(); refused != nil {
			return refused
		}

		return fmt.Errorf("%w: iceServers: %w", ErrInvalidArgument, err)
	}
	p.network.SetServers(servers)
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

// await waits while something of pion's is so, but no longer than limit.
func (p *Peer) await(limit time.Duration, isSo func() bool) {
	deadline := time.Now().Add(limit)
	for isSo() && time.Now().Before(deadline) && p.refusal() == nil {
		time.Sleep(startInterval)
	}
}
