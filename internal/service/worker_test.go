package service

import (
	"encoding/json"
	"net"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// silentURL names a server that takes connections and says nothing.
func silentURL(t *testing.T) string {
	t.Helper()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })

	return "http://" + silent.Addr().String() + "/a.mp4"
}

// send makes a request whose reply is not waited for, and gives its number.
func (c *client) send(handle uint64, method wire.Method, params any) uint32 {
	c.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		c.t.Fatal(err)
	}
	c.request++
	if status := c.env.Call(c.request, handle, method, body); status != wire.StatusOK {
		c.t.Fatalf("method %v: status %v", method, status)
	}

	return c.request
}

// opening begins to open something, and gives the handle of that.
func (c *client) opening(worker uint64, method wire.Method, params any) uint64 {
	c.t.Helper()
	var made wire.Handle
	if refused := c.ask(worker, method, params, &made); refused != nil {
		c.t.Fatal(refused)
	}

	return made.Handle
}

// failure waits for the refusal of what opens.
func (c *client) failure(opening uint64) *wire.Error {
	c.t.Helper()
	refused := &wire.Error{}
	if err := json.Unmarshal(c.event(opening, wire.OpeningFailed), refused); err != nil {
		c.t.Fatal(err)
	}
	c.event(opening, wire.Closed)

	return refused
}

func (c *client) refusedAsClosed(opening uint64) {
	c.t.Helper()
	if refused := c.failure(opening); refused.Code != wire.CodeClosed {
		c.t.Errorf("opening %d: %+v", opening, refused)
	}
}

func slowSpec(t *testing.T) wire.SourceSpec {
	t.Helper()

	return wire.SourceSpec{Type: "url", Value: silentURL(t), Video: true, Timeout: 60_000}
}

func TestClosingAWorkerCancelsWhatItOpens(t *testing.T) {
	c := open(t)
	worker := c.worker()
	spec := slowSpec(t)
	openings := []uint64{
		c.opening(worker, wire.WorkerOpenSource, spec),
		c.opening(worker, wire.WorkerProbe, wire.ProbeQuery{Source: spec}),
		c.opening(worker, wire.WorkerOpenSource, spec),
		c.opening(worker, wire.WorkerOpenSource, slowSpec(t)),
	}
	c.send(worker, wire.WorkerClose, wire.Empty{})
	for _, opening := range openings {
		c.refusedAsClosed(opening)
	}
	c.event(worker, wire.Closed)
}

func TestASourceThatOpensIsCancelledAlone(t *testing.T) {
	c := open(t)
	worker := c.worker()
	spec := slowSpec(t)
	first := c.opening(worker, wire.WorkerOpenSource, spec)
	second := c.opening(worker, wire.WorkerOpenSource, spec)
	c.demand(second, wire.OpeningClose, wire.Empty{}, nil)
	c.refusedAsClosed(second)
	if c.env.Call(1<<20, second, wire.OpeningClose, []byte("{}")) != wire.StatusStaleHandle {
		t.Error("an opening that has ended can be closed")
	}
	if _, there := c.env.Lookup(first); !there {
		t.Error("the other opening has ended too")
	}
	c.demand(first, wire.OpeningClose, wire.Empty{}, nil)
	c.refusedAsClosed(first)
}

func TestASlowSourceKeepsNothingElseWaiting(t *testing.T) {
	c := open(t)
	worker := c.worker()
	slow := []uint64{
		c.opening(worker, wire.WorkerOpenSource, slowSpec(t)),
		c.opening(worker, wire.WorkerProbe, wire.ProbeQuery{Source: slowSpec(t)}),
	}
	c.demand(worker, wire.WorkerDump, wire.Empty{}, nil)
	c.demand(worker, wire.WorkerCapabilities, wire.CapabilitiesQuery{Direction: "sendonly"}, nil)
	c.peer(worker)
	if refused := c.failure(c.opening(worker, wire.WorkerOpenSource,
		wire.SourceSpec{Type: "file", Value: "/no/such/file", Video: true})); refused.Code != wire.CodeNotFound {
		t.Errorf("another source: %+v", refused)
	}
	for _, one := range slow {
		c.demand(one, wire.OpeningClose, wire.Empty{}, nil)
		c.refusedAsClosed(one)
	}
}

func TestClosingAnEnvironmentCancelsWhatItOpens(t *testing.T) {
	c := open(t)
	c.opening(c.worker(), wire.WorkerOpenSource, slowSpec(t))
	c.env.Close()
	// TestMain sees whether a goroutine is left.
}
