package peer

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// stunServer is asked for addresses, and answers once it may.
type stunServer struct {
	conn    net.PacketConn
	asked   atomic.Int64
	answers atomic.Bool
}

func newSTUNServer(t *testing.T) *stunServer {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stunServer{conn: conn}
	t.Cleanup(func() { _ = conn.Close() })
	recovery.Go(context.Background(), "answering", s.serve)

	return s
}

func (s *stunServer) serve() {
	buffer := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		s.asked.Add(1)
		request := &stun.Message{Raw: buffer[:n]}
		client, ok := from.(*net.UDPAddr)
		if !s.answers.Load() || request.Decode() != nil || !ok {
			continue
		}
		answer, err := stun.Build(request, stun.BindingSuccess, &stun.XORMappedAddress{IP: client.IP, Port: client.Port})
		if err == nil {
			_, _ = s.conn.WriteTo(answer.Raw, from)
		}
	}
}

func (s *stunServer) server() []ICEServer {
	return []ICEServer{{URLs: []string{"stun:" + s.conn.LocalAddr().String()}}}
}

// pion's goroutines that gather read the servers with nothing held: the race detector tells of who changes them.
func TestServersOfICEThatAreSetWhileItGathersAreThoseOfTheNextRestart(t *testing.T) {
	for name, early := range map[string]bool{"gathering as it connects": false, "gathering early": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := newSTUNServer(t), newSTUNServer(t)
			second.answers.Store(true)
			client := newTestPeerWith(t, Options{Loopback: true, ICEServers: first.server(), GatherEarly: early})
			server := newTestServer(t)
			channels := server.offer(t, false)
			if err := client.Connect(server.local(t, "server")); err != nil {
				t.Fatal(err)
			}
			// Neither waits.
			for _, servers := range [][]ICEServer{nil, first.server(), second.server()} {
				if err := client.SetICEServers(servers); err != nil {
					t.Fatal(err)
				}
			}
			if state := client.pc.ICEGatheringState(); state != webrtc.ICEGatheringStateGathering {
				t.Fatalf("it is %v, before a server has answered", state)
			}
			if servers := client.pc.GetConfiguration().ICEServers; len(servers) != 1 || servers[0].URLs[0] != first.server()[0].URLs[0] {
				t.Fatalf("it gathers, and pion was given %v", servers)
			}
			if err := client.SetICEServers([]ICEServer{{URLs: []string{"ice:a"}}}); !errors.Is(err, ErrInvalidArgument) {
				t.Errorf("a URL of nothing: %v", err)
			}
			if err := server.accept(client.local(t, "client"), channels); err != nil {
				t.Fatal(err)
			}
			untilConnected(t, client, server)
			eventually(t, "a question to the first server", func() bool { return first.asked.Load() > 0 })
			first.answers.Store(true)
			for range 3 {
				restart(t, client, server)
				if err := client.SetICEServers(second.server()); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "a question to the second server", func() bool { return second.asked.Load() > 0 })
			untilConnected(t, client, server)
		})
	}
}

func TestACloseDoesNotWaitForAGathering(t *testing.T) {
	silent := newSTUNServer(t)
	client := newTestPeerWith(t, Options{Loopback: true, ICEServers: silent.server()})
	server := newTestServer(t)
	server.offer(t, false)
	remote := server.local(t, "server")
	if err := client.Connect(remote); err != nil {
		t.Fatal(err)
	}
	restarted := make(chan error, 1)
	recovery.Go(context.Background(), "restarting ICE", func() { restarted <- client.RestartICE(remote.ICE) })
	eventually(t, "a question", func() bool { return silent.asked.Load() > 0 })
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	if err := <-restarted; !errors.Is(err, ErrClosed) {
		t.Errorf("the restart: %v", err)
	}
}
