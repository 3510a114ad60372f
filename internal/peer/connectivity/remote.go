package connectivity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pion/ice/v4"
)

// IdlePayloadType is of the section that is never used.
const IdlePayloadType = 0

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

// DefaultMaxMessageSize is what no a=max-message-size means (RFC 8841 section 6.1).
const DefaultMaxMessageSize = 65536

// Check refuses what would not be one line of SDP.
func (r Remote) Check() error {
	words := []string{r.ICE.UsernameFragment, r.ICE.Password}
	for _, f := range r.Fingerprints {
		words = append(words, f.Algorithm, f.Value)
	}
	for _, c := range r.Candidates {
		words = append(words, c.Foundation, c.Address, c.Protocol, c.Type)
		if c.TCPType != "" {
			words = append(words, c.TCPType)
		}
	}
	for _, word := range words {
		if word == "" || strings.ContainsAny(word, " \t\r\n") {
			// It may be the password.
			return errors.New("a word of the server's parameters is empty, or has white space in it")
		}
	}
	if len(r.Fingerprints) == 0 {
		return errors.New("the server has no fingerprint")
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

// CandidateLines are values of a=candidate.
func (r Remote) CandidateLines() []string {
	lines := make([]string, len(r.Candidates))
	for i, c := range r.Candidates {
		lines[i] = fmt.Sprintf("%s 1 %s %d %s %d typ %s", c.Foundation, c.Protocol, c.Priority, c.Address, c.Port, c.Type)
		if c.TCPType != "" {
			lines[i] += " tcptype " + c.TCPType
		}
	}

	return lines
}

// CheckCandidates refuses those that pion can't read. It would refuse them too, when it has taken the rest: its transports
// would neither begin nor be asked to again.
func (r Remote) CheckCandidates() error {
	for _, line := range r.CandidateLines() {
		if _, err := ice.UnmarshalCandidate(line); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
	}

	return nil
}

// Answer is what the server would answer, did it speak SDP.
func (r Remote) Answer(channels bool) string {
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
	line("m=audio 7 UDP/TLS/RTP/SAVPF %d", IdlePayloadType)
	line("a=rtpmap:%d PCMU/8000", IdlePayloadType)
	line("a=inactive")
	line("a=rtcp-mux")
	r.section(line, 0)
	for _, c := range r.CandidateLines() {
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
