package peer

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// resolveLimit is for the names of the server's addresses.
const resolveLimit = 10 * time.Second

// Fingerprints are those of this side's certificate.
func (p *Peer) Fingerprints() ([]Fingerprint, error) {
	if err := p.refusal(); err != nil {
		return nil, err
	}
	parameters, err := p.dtls.GetLocalParameters()
	if err != nil {
		return nil, p.failed("reading the certificate", err)
	}
	fingerprints := make([]Fingerprint, len(parameters.Fingerprints))
	for i, f := range parameters.Fingerprints {
		fingerprints[i] = Fingerprint{Algorithm: f.Algorithm, Value: strings.ToUpper(f.Value)}
	}

	return fingerprints, nil
}

// Connect begins ICE and DTLS, and SCTP once there is a data channel: it is called
// again then. What is in force already is left alone.
func (p *Peer) Connect(remote Remote) error {
	if err := p.refusal(); err != nil {
		return err
	}
	if err := remote.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidArgument, err)
	}
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	if err := p.refusal(); err != nil {
		return err
	}
	if p.remote != nil && (p.channelsInForce || remote.SCTP == nil || !p.hasChannels()) {
		return nil
	}
	if p.remote != nil {
		// A restart may have changed them since.
		remote.ICE = p.remote.ICE
	}
	ctx, cancel := context.WithTimeout(p.done, resolveLimit)
	defer cancel()
	remote, err := remote.Resolve(ctx, net.DefaultResolver.LookupNetIP, func(err error) { p.log.Warnf("connecting: %v", err) })
	if err == nil {
		err = remote.CheckCandidates()
	}
	if err != nil {
		return p.failed("iceCandidates", fmt.Errorf("%w: %w", ErrInvalidArgument, err))
	}

	return p.negotiate(remote, false)
}

// hasChannels says whether there ever was a data channel.
func (p *Peer) hasChannels() bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.channelsUsed
}

// negotiate offers, and answers for the server, with negotiating held. Two sections are
// all that there ever is: an idle one of sound, without which pion takes no RTP from
// anybody (demux.go), and one of data channels. RTP streams stand beside this, as Parameters.
func (p *Peer) negotiate(remote Remote, restart bool) error {
	defer p.changed()
	p.network.SetCandidates(remote.CandidateLines())
	offer, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return p.failed("creating an offer", err)
	}
	p.options.Secrets.Add(attributeOf(offer.SDP, "ice-pwd"), remote.ICE.Password)
	if err = p.pc.SetLocalDescription(offer); err != nil {
		return p.failed("setting the local description", err)
	}
	if err = p.accept(remote, strings.Contains(offer.SDP, "\r\nm=application ")); err != nil {
		return err
	}
	p.hastener.Begin(remote.CandidateLines())

	return nil
}

// addCandidate gives pion a candidate of the server. A closed connection would make
// an ICE agent of it, which nobody closes.
func (p *Peer) addCandidate(candidate string) {
	p.negotiating.Lock()
	defer p.negotiating.Unlock()
	if p.refusal() == nil {
		_ = p.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: candidate})
	}
}

// localFragment is this side's ICE user name fragment; empty before Connect.
func (p *Peer) localFragment() string {
	description := p.pc.CurrentLocalDescription()
	if description == nil {
		return ""
	}

	return attributeOf(description.SDP, "ice-ufrag")
}

// attributeOf is the first of that name in a description.
func attributeOf(sdp, name string) string {
	_, rest, _ := strings.Cut(sdp, "\r\na="+name+":")
	value, _, _ := strings.Cut(rest, "\r\n")

	return value
}

// accept answers what this side has offered.
func (p *Peer) accept(remote Remote, channels bool) error {
	if remote.SCTP != nil && remote.SCTP.MaxMessageSize > 0 {
		p.maxMessageSize.Store(remote.SCTP.MaxMessageSize)
	}
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: remote.Answer(channels)}
	if err := p.pc.SetRemoteDescription(answer); err != nil {
		// All that can be wrong with it is what the server told.
		return p.failed("iceParameters, iceCandidates or dtlsParameters", fmt.Errorf("%w: %w", ErrInvalidArgument, err))
	}
	if channels && !p.channelsInForce {
		p.start("waiting for SCTP", p.awaitSCTP)
	}
	p.remote, p.channelsInForce = &remote, channels

	return nil
}
