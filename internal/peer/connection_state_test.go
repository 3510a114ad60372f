package peer

import (
	"slices"
	"sync"
	"testing"
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
