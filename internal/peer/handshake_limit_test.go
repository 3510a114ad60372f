package peer

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hostiletest"
)

// A server that has refused the handshake, and whose alert was lost, goes on answering ICE.
func TestAHandshakeThatNobodyAnswersFails(t *testing.T) {
	server, err := hostiletest.New()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	const limit = 2 * time.Second
	observer := &told{}
	client := newTestPeerWith(t, Options{Loopback: true, Observer: observer, handshakeLimit: limit})
	remote, err := server.Remote()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := client.Connect(remote); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	defer cancel()
	if err := server.AcceptICE(ctx, client.localFragment(), attributeOf(client.pc.LocalDescription().SDP, "ice-pwd")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its failure", func() bool { return slices.Contains(observer.all(), "failed") })
	if took := time.Since(began); took < limit {
		t.Errorf("it failed after %v", took)
	}
	if states := observer.all(); !slices.Equal(states[:2], []string{"connecting", "failed"}) {
		t.Errorf("told %v", states)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
