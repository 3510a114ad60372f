package peer

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hostiletest"
)

const briefHandshake = 2 * time.Second

// unanswered connects to a server that has refused the handshake, and whose alert was lost: it goes on answering ICE.
func unanswered(t *testing.T, observer Observer) *Peer {
	t.Helper()
	server, err := hostiletest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	client := newTestPeerWith(t, Options{Loopback: true, Observer: observer, handshakeLimit: briefHandshake})
	remote, err := server.Remote()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Connect(remote); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	if err := server.AcceptICE(ctx, client.localFragment(), attributeOf(client.pc.LocalDescription().SDP, "ice-pwd")); err != nil {
		t.Fatal(err)
	}

	return client
}

// failedToConnect waits for that, which is to be the last of what is told.
func failedToConnect(t *testing.T, client *Peer, observer *told) {
	t.Helper()
	eventually(t, "its failure", func() bool { return slices.Contains(observer.all(), "failed") })
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	if states := observer.all(); !slices.Equal(states, []string{"connecting", "failed"}) {
		t.Errorf("told %v", states)
	}
}

func TestAHandshakeThatNobodyAnswersFails(t *testing.T) {
	observer := &told{}
	began := time.Now()
	client := unanswered(t, observer)
	failedToConnect(t, client, observer)
	if took := time.Since(began); took < briefHandshake {
		t.Errorf("it failed after %v", took)
	}
}

// pion does so with a handshake that ends at the wrong moment.
func TestAConnectionThatIsClosedBeneathItsHandshakeFails(t *testing.T) {
	observer := &told{}
	client := unanswered(t, observer)
	eventually(t, "a handshake", func() bool { return client.dtls.State() == webrtc.DTLSTransportStateConnecting })
	if err := client.pc.Close(); err != nil {
		t.Fatal(err)
	}
	failedToConnect(t, client, observer)
}
