package peer

import (
	"fmt"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	// startLimit is how long a restart waits for ICE to begin, and how often it looks.
	startLimit    = time.Second
	startInterval = time.Millisecond
)

// iceServers are those of options as pion has them.
func iceServers(servers []ICEServer) []webrtc.ICEServer {
	list := make([]webrtc.ICEServer, len(servers))
	for i, server := range servers {
		list[i] = webrtc.ICEServer{URLs: server.URLs, Username: server.Username, Credential: server.Credential}
	}

	return list
}

// SetICEServers replaces the ICE servers: W3C RTCPeerConnection.setConfiguration().
// The next gathering, so the next restart of ICE, uses them.
func (p *Peer) SetICEServers(servers []ICEServer) error {
	if err := p.refusal(); err != nil {
		return err
	}
	configuration := p.pc.GetConfiguration()
	configuration.ICEServers = iceServers(servers)
	// It is in force, and pion takes it again for a change, of which it warns.
	configuration.ICECandidatePoolSize = 0
	if err := p.pc.SetConfiguration(configuration); err != nil {
		if refused := p.refusal(); refused != nil {
			return refused
		}

		return fmt.Errorf("%w: iceServers: %w", ErrInvalidArgument, err)
	}
	p.network.setServers(servers)
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
	if err := remote.check(); err != nil {
		return err
	}
	p.awaitICE()
	report := p.pc.GetStats()
	p.mu.Lock()
	p.before = p.before.with(report)
	p.mu.Unlock()
	p.hastened.Store(false)
	p.network.keep()

	return p.negotiate(remote, true)
}

// awaitICE waits until pion has begun with what was negotiated before: it would
// begin with the old credentials after the restart.
func (p *Peer) awaitICE() {
	transport := p.pc.SCTP().Transport().ICETransport()
	deadline := time.Now().Add(startLimit)
	for transport.State() == webrtc.ICETransportStateNew && time.Now().Before(deadline) && p.refusal() == nil {
		time.Sleep(startInterval)
	}
}
