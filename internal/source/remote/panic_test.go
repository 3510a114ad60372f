package remote

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// brittle is a context that can't be waited for any more.
type brittle struct {
	context.Context
	broken *atomic.Bool
}

func (b brittle) Done() <-chan struct{} {
	if b.broken.Load() {
		panic("deliberate")
	}
	return b.Context.Done()
}

func TestAPanicWhileAURLOpensGivesItsThreadAndItsConnectionsBack(t *testing.T) {
	var broken atomic.Bool
	var connections, most atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		// What is not what it is called is opened once more.
		broken.Store(true)
		w.Header().Set("Content-Type", "video/webm")
		_, _ = w.Write(bytes.Repeat([]byte("x"), 10_000))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			most.Store(max(most.Load(), connections.Add(1)))
		case http.StateClosed:
			connections.Add(-1)
		}
	}
	server.Start()
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var gave atomic.Int32
	func() {
		defer func() {
			if reason := recover(); reason != "deliberate" {
				t.Errorf("panicked with %v", reason)
			}
		}()
		_, err := Open(brittle{ctx, &broken}, nil, nil, Spec{
			URL: server.URL, Options: map[string]string{"live": "1"}, Timeout: 20 * time.Second,
		}, func() { gave.Add(1) })
		t.Errorf("opened: %v", err)
	}()
	if gave.Load() != 1 {
		t.Errorf("the thread was given back %d times", gave.Load())
	}
	if most.Load() == 0 {
		t.Error("there was no connection")
	}
	for deadline := time.Now().Add(10 * time.Second); connections.Load() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are open", connections.Load())
		}
	}
}
