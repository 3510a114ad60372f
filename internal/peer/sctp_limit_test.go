package peer

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hostiletest"
)

// A server whose SCTP was lost on the way for as long as this side tries: media goes on, and who waits for a channel is told.
func TestChannelsOfAServerThatDoesNotAnswerToSCTPEnd(t *testing.T) {
	t.Parallel()
	server, err := hostiletest.New()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client := newTestPeerWith(t, Options{Loopback: true, sctpWait: time.Second})
	events := &channelEvents{}
	if _, err := client.CreateDataChannel(ChannelOptions{Ordered: true}, events); err != nil {
		t.Fatal(err)
	}
	meet(t, client, server)
	server.DropSCTP(t.Context())
	untilConnected(t, client)
	// It is tried nine times, once a second.
	for deadline := time.Now().Add(3 * testLimit); events.state() != ChannelClosed; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the channel is %q", events.state())
		}
	}
	events.mu.Lock()
	states, failures := events.states, events.errors
	events.mu.Unlock()
	if !slices.Equal(states, []string{ChannelClosed}) || len(failures) != 1 || !errors.Is(failures[0], errNoSCTP) {
		t.Errorf("states %v, errors %v", states, failures)
	}
	if _, err := client.CreateDataChannel(ChannelOptions{ID: 1}, &channelEvents{}); !errors.Is(err, errNoSCTP) {
		t.Errorf("another channel: %v", err)
	}
	if err := client.refusal(); err != nil {
		t.Errorf("the connection: %v", err)
	}
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
