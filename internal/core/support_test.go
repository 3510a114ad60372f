package core

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
	"go.uber.org/goleak"
)

const limit = 2 * time.Minute

// guard begins every test: it may take no longer than limit, and leaves no goroutine.
func guard(t *testing.T) {
	t.Helper()
	timer := time.AfterFunc(limit, func() {
		debug.SetTraceback("all")
		panic(t.Name() + " takes too long")
	})
	t.Cleanup(func() {
		timer.Stop()
		// Close returns after two seconds, with the rest going on: only what does not end is too much.
		for began := time.Now(); ; {
			err := goleak.Find()
			if err == nil {
				return
			}
			if time.Since(began) > limit/2 {
				t.Error(err)

				return
			}
		}
	})
}

// node is the JavaScript side of an environment.
type node struct {
	*Env
	t     *testing.T
	rung  chan struct{}
	rings atomic.Int64
	batch []byte
	// seen are records that were polled and not taken yet.
	seen []wire.Record
}

func openNode(t *testing.T, r *Registry, options ...Option) *node {
	t.Helper()
	guard(t)
	n := &node{t: t, rung: make(chan struct{}, 1), batch: make([]byte, wire.BatchSize)}
	n.Env = Open(r, func() {
		n.rings.Add(1)
		select {
		case n.rung <- struct{}{}:
		default:
		}
	}, options...)
	t.Cleanup(n.Close)

	return n
}

// poll returns the records of one batch, with payloads of their own.
func (n *node) poll() []wire.Record {
	n.t.Helper()
	var records []wire.Record
	for rest := n.batch[:n.Poll(n.batch)]; len(rest) > 0; {
		var r wire.Record
		var err error
		if r, rest, err = wire.ParseRecord(rest); err != nil {
			n.t.Fatal(err)
		}
		r.Payload = append([]byte(nil), r.Payload...)
		records = append(records, r)
	}

	return records
}

// next waits for a record.
func (n *node) next() wire.Record {
	n.t.Helper()
	for len(n.seen) == 0 {
		n.seen = n.poll()
		if len(n.seen) == 0 {
			select {
			case <-n.rung:
			case <-time.After(limit / 2):
				n.t.Fatal("no record came")
			}
		}
	}
	r := n.seen[0]
	n.seen = n.seen[1:]

	return r
}

// quiet fails if there is a record.
func (n *node) quiet() {
	n.t.Helper()
	if n.seen = append(n.seen, n.poll()...); len(n.seen) > 0 {
		n.t.Errorf("unexpected record: %+v %s", n.seen[0], n.seen[0].Payload)
	}
}

func (n *node) wantReply(id uint32, text string) {
	n.t.Helper()
	if r := n.next(); r.Type != wire.RecordReply || r.Number != id || string(r.Payload) != text {
		n.t.Errorf("want reply %d %s, got %d %d %s", id, text, r.Type, r.Number, r.Payload)
	}
}

func (n *node) wantError(id uint32) wire.Error {
	n.t.Helper()
	var refusal wire.Error
	r := n.next()
	if r.Type != wire.RecordError || r.Number != id {
		n.t.Fatalf("want the error of %d, got %d %d %s", id, r.Type, r.Number, r.Payload)
	}
	if err := json.Unmarshal(r.Payload, &refusal); err != nil {
		n.t.Fatal(err)
	}

	return refusal
}

func (n *node) wantEvent(handle uint64, event wire.Event, text string) {
	n.t.Helper()
	r := n.next()
	if r.Type != wire.RecordEvent || r.Handle != handle || r.Number != uint32(event) || string(r.Payload) != text {
		n.t.Errorf("want event %d of %d: %s, got %d %d of %d: %s",
			event, handle, text, r.Type, r.Number, r.Handle, r.Payload)
	}
}

func (n *node) wantStatus(got, want wire.Status) {
	n.t.Helper()
	if got != want {
		n.t.Errorf("got status %d, want %d", got, want)
	}
}

// Messages of these tests: core knows none itself.
const (
	asEcho wire.Method = 1<<16 + iota
	asPanic

	ticked wire.Event = 1 << 16
)

type (
	echo struct {
		Text string `json:"text" most:"1048576"`
	}
	tick struct {
		Number int `json:"number"`
	}
)

func echoRegistry() *Registry {
	r := NewRegistry()
	Handle(r, asEcho, func(_ *Call, body echo) (echo, error) { return body, nil })

	return r
}

func soon(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit/2)
	defer cancel()
	for !condition() {
		if ctx.Err() != nil {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
