package service

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

const testLimit = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is JavaScript's half of an environment.
type client struct {
	t       *testing.T
	env     *core.Env
	bell    chan struct{}
	batch   []byte
	waiting []wire.Record
	request uint32
}

func open(t *testing.T) *client {
	t.Helper()
	c := &client{t: t, bell: make(chan struct{}, 1), batch: make([]byte, wire.BatchSize)}
	c.env = core.Open(Registry(), func() {
		select {
		case c.bell <- struct{}{}:
		default:
		}
	})
	t.Cleanup(c.env.Close)

	return c
}

// next waits for a record that fits; the others are kept.
func (c *client) next(what string, fits func(wire.Record) bool) wire.Record {
	c.t.Helper()
	deadline := time.After(testLimit)
	for {
		for i, r := range c.waiting {
			if fits(r) {
				c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)

				return r
			}
		}
		n := c.env.Poll(c.batch)
		for rest := c.batch[:n]; len(rest) > 0; {
			r, after, err := wire.ParseRecord(rest)
			if err != nil {
				c.t.Fatal(err)
			}
			r.Payload = append([]byte(nil), r.Payload...)
			c.waiting = append(c.waiting, r)
			rest = after
		}
		if n > 0 {
			continue
		}
		select {
		case <-c.bell:
		case <-deadline:
			c.t.Fatalf("%s: not within %v", what, testLimit)
		}
	}
}

// ask makes a request; the reply goes into result, a refusal is returned.
func (c *client) ask(handle uint64, method wire.Method, params, result any) *wire.Error {
	c.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		c.t.Fatal(err)
	}
	c.request++
	id := c.request
	if status := c.env.Call(id, handle, method, body); status != wire.StatusOK {
		return &wire.Error{Name: "status", Message: fmt.Sprint("status ", status)}
	}
	r := c.next("a reply", func(r wire.Record) bool {
		return r.Number == id && (r.Type == wire.RecordReply || r.Type == wire.RecordError)
	})
	if r.Type == wire.RecordError {
		refused := &wire.Error{}
		if err := json.Unmarshal(r.Payload, refused); err != nil {
			c.t.Fatal(err)
		}

		return refused
	}
	if result != nil {
		if err := json.Unmarshal(r.Payload, result); err != nil {
			c.t.Fatal(err)
		}
	}

	return nil
}

func (c *client) event(handle uint64, event wire.Event) []byte {
	c.t.Helper()

	return c.next("an event", func(r wire.Record) bool {
		return r.Type == wire.RecordEvent && r.Handle == handle && r.Number == uint32(event)
	}).Payload
}

func (c *client) worker() uint64 {
	c.t.Helper()
	var made wire.Handle
	if refused := c.ask(0, wire.WorkerCreate, wire.WorkerOptions{LogLevel: "none"}, &made); refused != nil {
		c.t.Fatal(refused)
	}

	return made.Handle
}

func (c *client) peer(worker uint64) uint64 {
	c.t.Helper()
	var made wire.Handle
	if refused := c.ask(worker, wire.WorkerCreatePeer, wire.PeerOptions{}, &made); refused != nil {
		c.t.Fatal(refused)
	}

	return made.Handle
}

func TestEveryMethodIsAnswered(t *testing.T) {
	c := open(t)
	for _, spec := range wire.Methods() {
		// A method without an owner would be a bad argument; these are stale.
		if status := c.env.Call(1, 12345, spec.Method, []byte("{}")); status != wire.StatusStaleHandle {
			t.Errorf("%s: %v", spec.Name, status)
		}
	}
}

func TestRefusalsHaveNameCodeAndWords(t *testing.T) {
	c := open(t)
	worker := c.worker()
	empty := filepath.Join(t.TempDir(), "empty.mp4")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	peer := c.peer(worker)
	file := func(path string) wire.SourceSpec { return wire.SourceSpec{Type: "file", Value: path, Video: true} }
	for _, test := range []struct {
		what       string
		handle     uint64
		method     wire.Method
		params     any
		name, code string
		words      string
	}{
		{"a log level", 0, wire.WorkerCreate, wire.WorkerOptions{LogLevel: "loud"}, "TypeError", wire.CodeInvalidArgument, "loud"},
		{"a direction", worker, wire.WorkerCapabilities, wire.CapabilitiesQuery{Direction: "up"}, "TypeError", wire.CodeInvalidArgument, "up"},
		{"no kind", worker, wire.WorkerOpenSource, wire.SourceSpec{Type: "file", Value: "/x"}, "TypeError", wire.CodeInvalidArgument, "audio"},
		{"a missing file", worker, wire.WorkerOpenSource, file("/no/such/file"), "NotFoundError", wire.CodeNotFound, "/no/such/file"},
		{"an empty file", worker, wire.WorkerOpenSource, file(empty), "NotSupportedError", wire.CodeNotSupported, empty},
		{"a relative path", worker, wire.WorkerOpenSource, file("clip.mp4"), "TypeError", wire.CodeInvalidArgument, "clip.mp4"},
		{"a kind of sender", peer, wire.PeerAddSender, wire.SenderOptions{Kind: "smell"}, "TypeError", wire.CodeInvalidArgument, "smell"},
		{"a server", peer, wire.PeerConnect, wire.Remote{}, "TypeError", wire.CodeInvalidArgument, "server"},
		{"a codec", peer, wire.PeerAddReceiver, wire.ReceiverOptions{Kind: "audio"}, "NotSupportedError", wire.CodeNotSupported, "codec"},
		{"a kind of receiver", peer, wire.PeerAddReceiver, wire.ReceiverOptions{Kind: "smell"}, "TypeError", wire.CodeInvalidArgument, "smell"},
		{"a stale track", peer, wire.PeerAddSender, wire.SenderOptions{Kind: "video", Track: &worker}, "InvalidStateError", wire.CodeStaleHandle, "track"},
	} {
		var made wire.Handle
		refused := c.ask(test.handle, test.method, test.params, &made)
		if refused == nil && test.method == wire.WorkerOpenSource {
			refused = c.failure(made.Handle)
		}
		if refused == nil {
			t.Errorf("%s: taken", test.what)

			continue
		}
		if refused.Name != test.name || refused.Code != test.code || !strings.Contains(refused.Message, test.words) {
			t.Errorf("%s: %s %s %q", test.what, refused.Name, refused.Code, refused.Message)
		}
	}
}

func TestAMethodOfAnotherKindOfHandleIsRefused(t *testing.T) {
	c := open(t)
	worker := c.worker()
	if refused := c.ask(worker, wire.PeerFingerprints, wire.Empty{}, nil); refused == nil {
		t.Error("a worker has a certificate")
	}
}

func TestAClosedWorkerClosesWhatItOwns(t *testing.T) {
	c := open(t)
	worker := c.worker()
	peer := c.peer(worker)
	var state wire.WorkerState
	if refused := c.ask(worker, wire.WorkerDump, wire.Empty{}, &state); refused != nil {
		t.Fatal(refused)
	}
	if state.Pid != os.Getpid() || len(state.Handlers) != 1 || len(state.Players) != 0 {
		t.Errorf("dump: %+v", state)
	}
	if refused := c.ask(worker, wire.WorkerClose, wire.Empty{}, nil); refused != nil {
		t.Fatal(refused)
	}
	c.event(peer, wire.Closed)
	c.event(worker, wire.Closed)
	if refused := c.ask(worker, wire.WorkerDump, wire.Empty{}, nil); refused == nil {
		t.Error("a closed worker answered")
	}
}

func TestAPanicEndsItsWorkerAlone(t *testing.T) {
	c := open(t)
	dying, other := c.worker(), c.worker()
	peer := c.peer(dying)
	c.workerOf(dying).scope.Go("deliberate panic", func(context.Context) { panic("of a goroutine") })
	var death wire.Death
	if err := json.Unmarshal(c.event(dying, wire.WorkerDied), &death); err != nil {
		t.Fatal(err)
	}
	if death.Message != "deliberate panic: of a goroutine" || !strings.Contains(death.Stack, "service_test.go") {
		t.Errorf("%+v", death)
	}
	c.event(peer, wire.Closed)
	c.event(dying, wire.Closed)
	if refused := c.ask(other, wire.WorkerDump, wire.Empty{}, nil); refused != nil {
		t.Error(refused)
	}
}

func TestCapabilitiesAndStreamsAreNumbers(t *testing.T) {
	c := open(t)
	worker := c.worker()
	var told wire.Capabilities
	if refused := c.ask(worker, wire.WorkerCapabilities, wire.CapabilitiesQuery{Direction: "sendonly"}, &told); refused != nil {
		t.Fatal(refused)
	}
	if first := told.Codecs[0]; first.Codec.MimeType != "audio/opus" || first.PayloadType != 111 || len(told.HeaderExtensions) < 8 {
		t.Errorf("told %+v", told)
	}
	peer := c.peer(worker)
	seen := make(map[uint32]bool)
	for _, kind := range []string{"audio", "video"} {
		var made wire.Sender
		if refused := c.ask(peer, wire.PeerAddSender, wire.SenderOptions{Kind: kind}, &made); refused != nil {
			t.Fatal(refused)
		}
		for _, stream := range made.Streams {
			if seen[stream.SSRC] || stream.SSRC == 0 || (stream.RTXSSRC != 0) != (kind == "video") {
				t.Errorf("%s has stream %+v", kind, stream)
			}
			seen[stream.SSRC] = true
		}
	}
	if len(seen) != 2 {
		t.Errorf("%d streams of two senders", len(seen))
	}
}
