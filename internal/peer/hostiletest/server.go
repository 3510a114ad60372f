package hostiletest

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	"github.com/pion/ice/v4"
	"github.com/pion/sctp"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// mtu is more than any packet that comes.
const mtu = 1600

// Server is one connection of it.
type Server struct {
	agent       *ice.Agent
	certificate tls.Certificate
	conn        *ice.Conn
	dtls        *dtls.Conn
	sctp        *sctpConn
	association *sctp.Association

	mu        sync.Mutex
	out, in   *srtp.Context
	handshake chan []byte
	received  atomic.Int64
}

// New makes one that waits for a client on loopback.
func New() (*Server, error) {
	s := &Server{handshake: make(chan []byte, 256)}
	var err error
	if s.certificate, err = selfsign.GenerateSelfSigned(); err != nil {
		return nil, err
	}
	s.agent, err = ice.NewAgentWithOptions(
		ice.WithICELite(true), ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}),
		ice.WithCandidateTypes([]ice.CandidateType{ice.CandidateTypeHost}), ice.WithIncludeLoopback(),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithIPFilter(func(address net.IP) bool { return address.IsLoopback() }),
	)
	if err != nil {
		return nil, err
	}
	gathered := make(chan struct{})
	err = s.agent.OnCandidate(func(candidate ice.Candidate) {
		if candidate == nil {
			close(gathered)
		}
	})
	if err == nil {
		err = s.agent.GatherCandidates()
	}
	if err != nil {
		return nil, errors.Join(err, s.agent.Close())
	}
	<-gathered

	return s, nil
}

// Remote is what the client is told of it.
func (s *Server) Remote() (connectivity.Remote, error) {
	fragment, password, err := s.agent.GetLocalUserCredentials()
	if err != nil {
		return connectivity.Remote{}, err
	}
	candidates, err := s.agent.GetLocalCandidates()
	if err != nil {
		return connectivity.Remote{}, err
	}
	sum := sha256.Sum256(s.certificate.Certificate[0])
	r := connectivity.Remote{
		ICE: connectivity.ICEParameters{UsernameFragment: fragment, Password: password, Lite: true}, Role: "server",
		Fingerprints: []connectivity.Fingerprint{{
			Algorithm: "sha-256", Value: strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", sum)), " ", ":"),
		}},
		SCTP: &connectivity.SCTPParameters{Port: sctpPort, MaxMessageSize: 262144},
	}
	for _, c := range candidates {
		r.Candidates = append(r.Candidates, connectivity.Candidate{
			Foundation: c.Foundation(), Protocol: "udp", Address: c.Address(), Type: "host",
			Port: uint16(c.Port()), Priority: c.Priority(), //nolint:gosec // a port
		})
	}

	return r, nil
}

// AcceptICE waits for the client with these credentials, and answers it nothing but ICE.
func (s *Server) AcceptICE(ctx context.Context, fragment, password string) error {
	var err error
	if s.conn, err = s.agent.Accept(ctx, fragment, password); err != nil {
		return fmt.Errorf("ICE: %w", err)
	}

	return nil
}

// Accept waits for the client with these credentials, up to the end of DTLS.
func (s *Server) Accept(ctx context.Context, fragment, password string) error {
	err := s.AcceptICE(ctx, fragment, password)
	if err != nil {
		return err
	}
	recovery.Go(ctx, "serving", s.read)
	s.dtls, err = dtls.ServerWithOptions(records{s}, s.conn.RemoteAddr(),
		dtls.WithCertificates(s.certificate), dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithInsecureSkipVerify(true))
	if err == nil {
		err = s.dtls.HandshakeContext(ctx)
	}
	if err != nil {
		return fmt.Errorf("DTLS: %w", err)
	}

	return s.takeKeys()
}

func (s *Server) takeKeys() error {
	profile, _ := s.dtls.SelectedSRTPProtectionProfile()
	state, ok := s.dtls.ConnectionState()
	if !ok {
		return errors.New("DTLS: there is no state")
	}
	config := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := config.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.out, err = srtp.CreateContext(config.Keys.LocalMasterKey, config.Keys.LocalMasterSalt, config.Profile); err == nil {
		s.in, err = srtp.CreateContext(config.Keys.RemoteMasterKey, config.Keys.RemoteMasterSalt, config.Profile)
	}

	return err
}

// AcceptSCTP waits for the client's association.
func (s *Server) AcceptSCTP() error {
	s.sctp = &sctpConn{Conn: s.dtls}
	var err error
	s.association, err = sctp.ClientWithOptions(sctp.WithNetConn(s.sctp))

	return err
}

// DropSCTP answers nothing to the client's association.
func (s *Server) DropSCTP(ctx context.Context) {
	recovery.Go(ctx, "dropping", func() { _, _ = io.Copy(io.Discard, s.dtls) })
}

// Received counts packets of the client's media that are whole.
func (s *Server) Received() int64 { return s.received.Load() }

// WriteRTP encrypts a packet of any payload, if its header can be read, and writes it as it is otherwise.
func (s *Server) WriteRTP(packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if encrypted, err := s.out.EncryptRTP(nil, packet, nil); err == nil {
		packet = encrypted
	}
	s.Write(packet)
}

// WriteRTCP is WriteRTP of RTCP.
func (s *Server) WriteRTCP(packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if encrypted, err := s.out.EncryptRTCP(nil, packet, nil); err == nil {
		packet = encrypted
	}
	s.Write(packet)
}

// Write writes what the socket of the client gets.
func (s *Server) Write(packet []byte) { _, _ = s.conn.Write(packet) }

// WriteSCTP writes chunks as SCTP's next packet.
func (s *Server) WriteSCTP(chunks []byte) { s.sctp.inject(chunks) }

// WriteRecord writes what DTLS carries, whatever it is.
func (s *Server) WriteRecord(data []byte) { _, _ = s.dtls.Write(data) }

// Open opens a stream of SCTP.
func (s *Server) Open(id uint16) (*sctp.Stream, error) {
	return s.association.OpenStream(id, sctp.PayloadTypeWebRTCBinary)
}

// Ask asks the client from another address whether it is there, as ICE does.
func (s *Server) Ask() error {
	socket, err := net.Dial("udp4", s.conn.RemoteAddr().String())
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }()
	fragment, password, err := s.agent.GetRemoteUserCredentials()
	if err != nil {
		return err
	}
	own, _, err := s.agent.GetLocalUserCredentials()
	if err != nil {
		return err
	}
	question, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername(fragment+":"+own),
		ice.AttrControlled(1), ice.PriorityAttr(1), stun.NewShortTermIntegrity(password), stun.Fingerprint)
	if err == nil {
		_, err = socket.Write(question.Raw)
	}

	return err
}

// Close ends it without a word.
func (s *Server) Close() error { return s.agent.Close() }

// read takes what comes apart by its first byte (RFC 7983).
func (s *Server) read() {
	defer close(s.handshake)
	buffer := make([]byte, mtu)
	for {
		n, err := s.conn.Read(buffer)
		if err != nil {
			return
		}
		packet := append([]byte(nil), buffer[:n]...)
		switch first := packet[0]; {
		case first >= 20 && first <= 63:
			s.handshake <- packet
		case first >= 128 && first <= 191 && len(packet) > 1 && (packet[1] < 192 || packet[1] > 223):
			s.mu.Lock()
			if s.in != nil {
				if _, err := s.in.DecryptRTP(nil, packet, nil); err == nil {
					s.received.Add(1)
				}
			}
			s.mu.Unlock()
		}
	}
}

// records is the server's socket as DTLS has one.
type records struct{ server *Server }

func (r records) ReadFrom(b []byte) (int, net.Addr, error) {
	packet, ok := <-r.server.handshake
	if !ok {
		return 0, nil, net.ErrClosed
	}

	return copy(b, packet), r.server.conn.RemoteAddr(), nil
}

func (r records) WriteTo(b []byte, _ net.Addr) (int, error) { return r.server.conn.Write(b) }
func (r records) Close() error                              { return nil }
func (r records) LocalAddr() net.Addr                       { return r.server.conn.LocalAddr() }
func (records) SetDeadline(time.Time) error                 { return nil }
func (records) SetReadDeadline(time.Time) error             { return nil }
func (records) SetWriteDeadline(time.Time) error            { return nil }
