package peer

import (
	"fmt"
	"strings"

	"github.com/pion/webrtc/v4"
)

// Remote is the server's half of a connection: what mediasoup tells of a transport.
type Remote struct {
	ICE          ICEParameters
	Candidates   []Candidate
	Fingerprints []Fingerprint
	// Role is the server's of DTLS: "client" or "server".
	Role string
	// SCTP is nil where the server has no data channels.
	SCTP *SCTPParameters
}

// ICEParameters are the credentials of one side (RFC 8839 section 5.4).
type ICEParameters struct {
	UsernameFragment, Password string
	// Lite says that it only answers (RFC 8445 section 2.5).
	Lite bool
}

// Candidate is an ICE candidate of a server (RFC 8839 section 5.1).
type Candidate struct {
	Foundation, Address, Protocol, Type, TCPType string
	Priority                                     uint32
	Port                                         uint16
}

// Fingerprint is of a certificate (RFC 8122 section 5).
type Fingerprint struct{ Algorithm, Value string }

// SCTPParameters are a port, and the largest message that is taken (RFC 8841).
type SCTPParameters struct {
	Port           uint16
	MaxMessageSize uint64
}

// defaultMaxMessageSize is what no a=max-message-size means (RFC 8841 section 6.1).
const defaultMaxMessageSize = 65536

// Fingerprints are those of this side's certificate.
func (p *Peer) Fingerprints() ([]Fingerprint, error) {
	if err := p.refusal(); err != nil {
		return nil, err
	}
	parameters, err := p.pc.SCTP().Transport().GetLocalParameters()
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
	if err := remote.check(); err != nil {
		return err
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
	p.network.setCandidates(remote.candidates())
	offer, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		return p.failed("creating an offer", err)
	}
	if err = p.pc.SetLocalDescription(offer); err != nil {
		return p.failed("setting the local description", err)
	}
	if err = p.accept(remote, strings.Contains(offer.SDP, "\r\nm=application ")); err != nil {
		return err
	}
	p.hasten(remote.candidates())

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
	_, rest, _ := strings.Cut(description.SDP, "\r\na=ice-ufrag:")
	fragment, _, _ := strings.Cut(rest, "\r\n")

	return fragment
}

// accept answers what this side has offered.
func (p *Peer) accept(remote Remote, channels bool) error {
	if remote.SCTP != nil && remote.SCTP.MaxMessageSize > 0 {
		p.maxMessageSize.Store(remote.SCTP.MaxMessageSize)
	}
	answer := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: remote.answer(channels)}
	if err := p.pc.SetRemoteDescription(answer); err != nil {
		return p.failed("setting the remote description", err)
	}
	p.remote, p.channelsInForce = &remote, channels

	return nil
}

// check refuses what would not be one line of SDP.
func (r Remote) check() error {
	words := []string{r.ICE.UsernameFragment, r.ICE.Password}
	for _, f := range r.Fingerprints {
		words = append(words, f.Algorithm, f.Value)
	}
	for _, c := range r.Candidates {
		words = append(words, c.Foundation, c.Address, c.Protocol, c.Type)
	}
	for _, word := range words {
		if word == "" || strings.ContainsAny(word, " \t\r\n") {
			return fmt.Errorf("%w: %q of the server's parameters", ErrInvalidArgument, word)
		}
	}
	if len(r.Fingerprints) == 0 {
		return fmt.Errorf("%w: the server has no fingerprint", ErrInvalidArgument)
	}

	return nil
}

// fingerprint is the one that is checked: pion reads no more than one.
func (r Remote) fingerprint() Fingerprint {
	for _, f := range r.Fingerprints {
		if strings.EqualFold(f.Algorithm, "sha-256") {
			return f
		}
	}

	return r.Fingerprints[len(r.Fingerprints)-1]
}

// candidates are values of a=candidate.
func (r Remote) candidates() []string {
	lines := make([]string, len(r.Candidates))
	for i, c := range r.Candidates {
		lines[i] = fmt.Sprintf("%s 1 %s %d %s %d typ %s", c.Foundation, c.Protocol, c.Priority, c.Address, c.Port, c.Type)
		if c.TCPType != "" {
			lines[i] += " tcptype " + c.TCPType
		}
	}

	return lines
}

// answer is what the server would answer, did it speak SDP.
func (r Remote) answer(channels bool) string {
	b := &strings.Builder{}
	line := func(format string, values ...any) { fmt.Fprintf(b, format+"\r\n", values...) }
	line("v=0")
	line("o=- 1 1 IN IP4 0.0.0.0")
	line("s=-")
	line("t=0 0")
	if r.ICE.Lite {
		line("a=ice-lite")
	}
	fingerprint := r.fingerprint()
	line("a=fingerprint:%s %s", fingerprint.Algorithm, fingerprint.Value)
	if channels {
		line("a=group:BUNDLE 0 1")
	} else {
		line("a=group:BUNDLE 0")
	}
	line("m=audio 7 UDP/TLS/RTP/SAVPF %d", idlePayloadType)
	line("a=rtpmap:%d PCMU/8000", idlePayloadType)
	line("a=inactive")
	line("a=rtcp-mux")
	r.section(line, 0)
	for _, c := range r.candidates() {
		line("a=candidate:%s", openable(c))
	}
	line("a=end-of-candidates")
	if channels {
		line("m=application 7 UDP/DTLS/SCTP webrtc-datachannel")
		line("a=sctp-port:%d", r.SCTP.Port)
		line("a=max-message-size:%d", r.SCTP.MaxMessageSize)
		r.section(line, 1)
	}

	return b.String()
}

func (r Remote) section(line func(format string, values ...any), mid int) {
	line("c=IN IP4 127.0.0.1")
	line("a=mid:%d", mid)
	line("a=ice-ufrag:%s", r.ICE.UsernameFragment)
	line("a=ice-pwd:%s", r.ICE.Password)
	if r.Role == "client" {
		line("a=setup:active")
	} else {
		line("a=setup:passive")
	}
}
