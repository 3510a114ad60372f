package source_test

import (
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtp"
)

// rtspServer hands what one client publishes to all that read.
type rtspServer struct {
	server  *gortsplib.Server
	address string
	// user is asked of readers, if not empty.
	user, password string

	mu        sync.Mutex
	stream    *gortsplib.ServerStream
	publisher *gortsplib.ServerConn
	readers   map[*gortsplib.ServerConn]bool
	// described counts who asked, refused ones included.
	described int
	// mute leaves out packets, away knows no stream.
	mute, away bool
}

// newRTSPServer serves until the test ends, over TLS if certificate isn't nil.
func newRTSPServer(t testing.TB, udp bool, certificate *tls.Certificate) *rtspServer {
	t.Helper()
	var err error
	for range 20 {
		s := &rtspServer{address: unused(t), readers: make(map[*gortsplib.ServerConn]bool)}
		s.server = &gortsplib.Server{Handler: s, RTSPAddress: s.address}
		if udp {
			low := udpPort(t)
			s.server.UDPRTPAddress = net.JoinHostPort("127.0.0.1", strconv.Itoa(low))
			s.server.UDPRTCPAddress = net.JoinHostPort("127.0.0.1", strconv.Itoa(low+1))
		}
		if certificate != nil {
			s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		}
		if err = s.server.Start(); err == nil {
			t.Cleanup(s.server.Close)
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// drop closes the connections of all that read.
func (s *rtspServer) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for reader := range s.readers {
		reader.Close()
	}
}

// setAway drops all that read, and lets nobody read until it is back.
func (s *rtspServer) setAway(away bool) {
	s.mu.Lock()
	s.away = away
	s.mu.Unlock()
	if away {
		s.drop()
	}
}

func (s *rtspServer) setMute(mute bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = mute
}

func (s *rtspServer) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stream != nil
}

func (s *rtspServer) counts() (described, readers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.described, len(s.readers)
}

func (s *rtspServer) OnConnClose(ctx *gortsplib.ServerHandlerOnConnCloseCtx) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.readers, ctx.Conn)
	if s.publisher == ctx.Conn && s.stream != nil {
		s.stream.Close()
		s.stream = nil
	}
}

func (s *rtspServer) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.described++
	if s.user != "" && !ctx.Conn.VerifyCredentials(ctx.Request, s.user, s.password) {
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	}
	if s.stream == nil || s.away || ctx.Path != "/live" {
		return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
	}
	s.readers[ctx.Conn] = true
	return &base.Response{StatusCode: base.StatusOK}, s.stream, nil
}

func (s *rtspServer) OnAnnounce(ctx *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	stream := &gortsplib.ServerStream{Server: s.server, Desc: ctx.Description}
	if err := stream.Initialize(); err != nil {
		return &base.Response{StatusCode: base.StatusBadRequest}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publisher = ctx.Conn
	s.stream = stream
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (s *rtspServer) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if ctx.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return &base.Response{StatusCode: base.StatusOK}, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stream == nil {
		return &base.Response{StatusCode: base.StatusNotFound}, nil, errors.New("nothing is published")
	}
	return &base.Response{StatusCode: base.StatusOK}, s.stream, nil
}

func (s *rtspServer) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (s *rtspServer) OnRecord(ctx *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	ctx.Session.OnPacketRTPAny(func(m *description.Media, _ format.Format, packet *rtp.Packet) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.stream != nil && !s.mute {
			_ = s.stream.WritePacketRTP(m, packet)
		}
	})
	return &base.Response{StatusCode: base.StatusOK}, nil
}
