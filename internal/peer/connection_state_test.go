package peer

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// told notes the states of a connection as its owner is told of them.
type told struct {
	silentObserver
	mu     sync.Mutex
	states []string
}

func (o *told) ConnectionState(state string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states = append(o.states, state)
}

func (o *told) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()

	return slices.Clone(o.states)
}

// Who believes the last that was told would else take a connection that works for one that never came up.
func TestStatesAreToldInTheOrderInWhichTheyCame(t *testing.T) {
	observer := &told{}
	client := newTestPeerWith(t, Options{Loopback: true, Observer: observer})
	server := newTestServer(t)
	connect(t, client, server)
	expected := []string{"connecting", "connected"}
	untilTold := func() {
		t.Helper()
		eventually(t, "as many states", func() bool { return len(observer.all()) >= len(expected) })
		if states := observer.all(); !slices.Equal(states, expected) {
			t.Fatalf("told %v", states[max(0, len(states)-4):])
		}
	}
	untilTold()
	for range 100 {
		restart(t, client, server)
		expected = append(expected, "connecting", "connected")
		untilTold()
	}
}

func TestASenderSendsWhileThereMayBeAWay(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	sound := newFakeTrack(media.Audio)
	sender := add(t, a, sound)
	negotiate(t, a, b)
	eventually(t, "a feed", func() bool { return sound.feeds.Load() == 1 })
	at := time.Duration(0)
	for _, c := range []struct {
		state webrtc.ICETransportState
		sent  uint64
	}{
		{webrtc.ICETransportStateConnected, 1},
		// A restart of what works.
		{webrtc.ICETransportStateChecking, 1},
		{webrtc.ICETransportStateConnected, 1},
		// It may lead nowhere in one direction alone.
		{webrtc.ICETransportStateDisconnected, 1},
		{webrtc.ICETransportStateConnected, 1},
		{webrtc.ICETransportStateDisconnected, 1},
		{webrtc.ICETransportStateFailed, 0},
		{webrtc.ICETransportStateChecking, 0},
		{webrtc.ICETransportStateFailed, 0},
		{webrtc.ICETransportStateConnected, 1},
		{webrtc.ICETransportStateDisconnected, 1},
		{webrtc.ICETransportStateChecking, 0},
		{webrtc.ICETransportStateConnected, 1},
	} {
		a.connection.change(func() { a.connection.ice = c.state }, a.connectionChanged)
		before := sender.layers[0].out.Counts().Packets
		at += 20 * time.Millisecond
		sound.write(&media.EncodedFrame{Data: []byte{1}, PTS: at, Duration: 20 * time.Millisecond})
		if sent := sender.layers[0].out.Counts().Packets - before; sent != c.sent {
			t.Errorf("%v: %d packets are sent, expected %d", c.state, sent, c.sent)
		}
	}
}
