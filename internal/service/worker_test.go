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

func (c *client) refusedAsClosed(id uint32) {
	c.t.Helper()
	reply := c.next("a refusal", func(r wire.Record) bool { return r.Number == id && r.Type != wire.RecordEvent })
	var refused wire.Error
	if err := json.Unmarshal(reply.Payload, &refused); err != nil {
		c.t.Fatal(err)
	}
	if reply.Type != wire.RecordError || refused.Code != wire.CodeClosed {
		c.t.Errorf("request %d: %+v", id, refused)
	}
}

func TestClosingAWorkerCancelsWhatItOpens(t *testing.T) {
	c := open(t)
	worker := c.worker()
	spec := wire.SourceSpec{Type: "url", Value: silentURL(t), Video: true, Timeout: 60_000}
	requests := []uint32{
		c.send(worker, wire.WorkerOpenSource, spec),
		c.send(worker, wire.WorkerProbe, wire.ProbeQuery{Source: spec}),
		c.send(worker, wire.WorkerOpenSource, spec),
	}
	c.send(worker, wire.WorkerClose, wire.Empty{})
	for _, id := range requests {
		c.refusedAsClosed(id)
	}
	c.event(worker, wire.Closed)
}

func TestASourceThatOpensIsCancelledAlone(t *testing.T) {
	c := open(t)
	worker := c.worker()
	spec := wire.SourceSpec{Type: "url", Value: silentURL(t), Video: true, Timeout: 60_000, Opening: 1}
	first := c.send(worker, wire.WorkerOpenSource, spec)
	spec.Opening = 2
	second := c.send(worker, wire.WorkerOpenSource, spec)
	// One whose turn has not come, and the one that opens.
	c.send(worker, wire.WorkerCancelSource, wire.Opening{Opening: 2})
	c.send(worker, wire.WorkerCancelSource, wire.Opening{Opening: 1})
	c.refusedAsClosed(first)
	c.refusedAsClosed(second)
	c.send(worker, wire.WorkerCancelSource, wire.Opening{Opening: 7})
	// The worker has time for others again.
	c.demand(worker, wire.WorkerDump, wire.Empty{}, nil)
}

func TestClosingAnEnvironmentCancelsWhatItOpens(t *testing.T) {
	c := open(t)
	c.send(c.worker(), wire.WorkerOpenSource,
		wire.SourceSpec{Type: "url", Value: silentURL(t), Video: true, Timeout: 60_000})
	c.env.Close()
	// TestMain sees whether a goroutine is left.
}
