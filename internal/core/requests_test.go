package core

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestARequestIsAnswered(t *testing.T) {
	n := openNode(t, echoRegistry())
	n.wantStatus(n.Call(7, 0, asEcho, []byte(`{"text":"<é>"}`)), wire.StatusOK)
	n.wantReply(7, `{"text":"<é>"}`)
	n.quiet()
}

func TestRequestsOnAHandleRunInOrderOneAtATime(t *testing.T) {
	r := NewRegistry()
	var running atomic.Int32
	HandleOn(r, wire.WorkerDump, func(_ *Call, _ string, _ wire.Empty) (wire.Empty, error) {
		if running.Add(1) != 1 {
			t.Error("two at once")
		}
		running.Add(-1)

		return wire.Empty{}, nil
	})
	n := openNode(t, r)
	handle := n.NewHandle("object")
	for id := range uint32(1000) {
		n.wantStatus(n.Call(id, handle, wire.WorkerDump, []byte("{}")), wire.StatusOK)
	}
	for id := range uint32(1000) {
		n.wantReply(id, "{}")
	}
}

func TestRequestsOnDifferentHandlesRunSideBySide(t *testing.T) {
	r := NewRegistry()
	var both sync.WaitGroup
	both.Add(2)
	HandleOn(r, wire.WorkerDump, func(_ *Call, _ string, _ wire.Empty) (wire.Empty, error) {
		both.Done()
		both.Wait()

		return wire.Empty{}, nil
	})
	n := openNode(t, r)
	n.wantStatus(n.Call(1, n.NewHandle("a"), wire.WorkerDump, []byte("{}")), wire.StatusOK)
	n.wantStatus(n.Call(1, n.NewHandle("b"), wire.WorkerDump, []byte("{}")), wire.StatusOK)
	n.wantReply(1, "{}")
	n.wantReply(1, "{}")
}

func TestErrorsOfRequests(t *testing.T) {
	r := NewRegistry()
	own := &wire.Error{Name: "NotFoundError", Code: wire.CodeNotFound, Message: "no such file"}
	results := []error{own, fmt.Errorf("opening: %w", own), fmt.Errorf("reading: %w", errors.New("broken")), ErrStaleHandle}
	HandleOn(r, wire.WorkerDump, func(_ *Call, _ string, _ wire.Empty) (wire.Empty, error) {
		err := results[0]
		results = results[1:]

		return wire.Empty{}, err
	})
	n := openNode(t, r)
	handle := n.NewHandle("object")
	for id, want := range []wire.Error{
		*own,
		*own,
		{Name: "Error", Code: wire.CodeInternal, Message: "reading: broken", Cause: "broken"},
		{Name: "InvalidStateError", Code: wire.CodeStaleHandle, Message: "handle is stale"},
	} {
		n.Call(uint32(id), handle, wire.WorkerDump, []byte("{}"))
		if got := n.wantError(uint32(id)); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestABodyThatDoesNotFitIsATypeError(t *testing.T) {
	n := openNode(t, echoRegistry())
	for id, body := range []string{"", "nonsense", `{"text":7}`, "[]", "\xff\x00"} {
		n.wantStatus(n.Call(uint32(id), 0, asEcho, []byte(body)), wire.StatusOK)
		if got := n.wantError(uint32(id)); got.Name != "TypeError" || got.Code != wire.CodeInvalidArgument {
			t.Errorf("%q gave %+v", body, got)
		}
	}
}

func TestAPanicIsAnErrorAndTheRestLives(t *testing.T) {
	r := echoRegistry()
	Handle(r, asPanic, func(*Call, wire.Empty) (wire.Empty, error) { panic("deliberate") })
	told := make(chan string, 1)
	r.OnPanic = func(c *Call, message, stack string) {
		if c.Handle != 0 || c.Target != nil || !strings.Contains(stack, "requests_test.go") {
			t.Errorf("told of handle %d: %s", c.Handle, stack)
		}
		told <- message
	}
	n := openNode(t, r)
	n.Call(1, 0, asPanic, []byte("{}"))
	n.Call(2, 0, asEcho, []byte(`{"text":""}`))
	if got := n.wantError(1); got.Code != wire.CodeInternal || !strings.Contains(got.Message, "deliberate") {
		t.Errorf("got %+v", got)
	}
	n.wantReply(2, `{"text":""}`)
	if message := <-told; message != "deliberate" {
		t.Errorf("told of %q", message)
	}
}

// unspeakable panics where it is put into words.
type unspeakable struct{}

func (unspeakable) MarshalJSON() ([]byte, error) { panic("deliberate") }
func (unspeakable) Error() string                { panic("deliberate") }

// inOneBatch makes requests of a handle that are all in line before the first runs.
func inOneBatch(n *node, handle uint64, methods ...wire.Method) {
	entry := n.handles.get(handle)
	entry.requests.serving = true
	for id, method := range methods {
		n.wantStatus(n.Call(uint32(id), handle, method, []byte("{}")), wire.StatusOK)
	}
	if !n.serve(entry) {
		n.t.Fatal("nobody serves")
	}
}

func TestAPanicInTheWordsOfAnAnswerIsAnErrorAndTheRestLives(t *testing.T) {
	r := NewRegistry()
	HandleOn(r, wire.WorkerDump, func(*Call, string, wire.Empty) (unspeakable, error) { return unspeakable{}, nil })
	HandleOn(r, wire.WorkerClose, func(*Call, string, wire.Empty) (wire.Empty, error) { return wire.Empty{}, unspeakable{} })
	HandleOn(r, wire.TrackStop, func(*Call, string, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	told := make(chan uint64, 2)
	r.OnPanic = func(c *Call, message, stack string) {
		if message != "deliberate" || !strings.Contains(stack, "requests_test.go") {
			t.Errorf("told of %q: %s", message, stack)
		}
		told <- c.Handle
	}
	n := openNode(t, r)
	handle := n.NewHandle("object")
	inOneBatch(n, handle, wire.TrackStop, wire.WorkerDump, wire.TrackStop, wire.WorkerClose, wire.TrackStop)
	for id := range uint32(5) {
		if id%2 == 0 {
			n.wantReply(id, "{}")
		} else if got := n.wantError(id); got.Code != wire.CodeInternal || !strings.Contains(got.Message, "deliberate") {
			t.Errorf("%d: got %+v", id, got)
		}
	}
	for range 2 {
		if got := <-told; got != handle {
			t.Errorf("told of handle %d", got)
		}
	}
	n.quiet()
	n.Close()
	if n.queue.requests != 0 || n.queue.requestBytes != 0 {
		t.Errorf("%d requests of %d bytes", n.queue.requests, n.queue.requestBytes)
	}
}

func TestWhereAGoroutineEndsInARequestTheRestIsRefused(t *testing.T) {
	r := NewRegistry()
	HandleOn(r, wire.WorkerClose, func(*Call, string, wire.Empty) (wire.Empty, error) {
		runtime.Goexit()

		return wire.Empty{}, nil
	})
	HandleOn(r, wire.TrackStop, func(*Call, string, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	n := openNode(t, r)
	handle := n.NewHandle("object")
	inOneBatch(n, handle, wire.TrackStop, wire.WorkerClose, wire.TrackStop, wire.TrackStop)
	n.wantReply(0, "{}")
	for id := range uint32(3) {
		if got := n.wantError(id + 1); got.Code != wire.CodeInternal {
			t.Errorf("%d: got %+v", id+1, got)
		}
	}
	n.wantStatus(n.Call(4, handle, wire.TrackStop, []byte("{}")), wire.StatusOK)
	n.wantReply(4, "{}")
	n.quiet()
	n.Close()
	if n.queue.requests != 0 || n.queue.requestBytes != 0 {
		t.Errorf("%d requests of %d bytes", n.queue.requests, n.queue.requestBytes)
	}
}

func TestRefusalsAtOnce(t *testing.T) {
	r := echoRegistry()
	HandleOn(r, wire.WorkerDump, func(_ *Call, _ int, _ wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	n := openNode(t, r)
	handle := n.NewHandle("object")
	body := []byte("{}")
	n.wantStatus(n.Call(1, handle, wire.WorkerDump, body), wire.StatusWrongKind)
	n.wantStatus(n.Call(1, 0, wire.WorkerDump, body), wire.StatusWrongKind)
	n.wantStatus(n.Call(1, handle+1, wire.WorkerDump, body), wire.StatusStaleHandle)
	n.wantStatus(n.Call(1, 0, wire.MethodInvalid, body), wire.StatusBadArgument)
	n.wantStatus(n.Call(1, 0, 1<<31, body), wire.StatusBadArgument)
	n.wantStatus(n.Call(1, 0, asEcho, make([]byte, wire.MaxBody+1)), wire.StatusTooLarge)
	n.Close()
	n.wantStatus(n.Call(1, 0, asEcho, body), wire.StatusClosed)
}

func TestARequestThatWaitsOnAReleasedHandleIsAnswered(t *testing.T) {
	r := NewRegistry()
	HandleOn(r, wire.WorkerClose, func(c *Call, _ string, _ wire.Empty) (wire.Empty, error) {
		c.Env.Release(c.Handle)

		return wire.Empty{}, nil
	})
	n := openNode(t, r)
	entry := n.handles.add("object")
	// Both are in line before either runs.
	entry.requests.serving = true
	n.Call(1, entry.handle, wire.WorkerClose, []byte("{}"))
	n.Call(2, entry.handle, wire.WorkerClose, []byte("{}"))
	if !n.serve(entry) {
		t.Fatal("nobody serves")
	}
	n.wantEvent(entry.handle, wire.Closed, "{}")
	n.wantReply(1, "{}")
	if got := n.wantError(2); got != *errTargetStale {
		t.Errorf("got %+v", got)
	}
	n.wantStatus(n.Call(3, entry.handle, wire.WorkerClose, []byte("{}")), wire.StatusStaleHandle)
}

func TestCloseEndsTheContextOfARequest(t *testing.T) {
	r := NewRegistry()
	started := make(chan struct{})
	ended := make(chan error, 1)
	Handle(r, wire.WorkerCreate, func(c *Call, _ wire.WorkerOptions) (wire.Handle, error) {
		close(started)
		<-c.Context.Done()
		ended <- c.Context.Err()

		return wire.Handle{}, c.Context.Err()
	})
	n := openNode(t, r)
	n.Call(1, 0, wire.WorkerCreate, []byte("{}"))
	<-started
	n.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAReplyLargerThanABatchIsLent(t *testing.T) {
	n := openNode(t, echoRegistry())
	text := `{"text":"` + strings.Repeat("x", wire.BatchSize) + `"}`
	n.Call(1, 0, asEcho, []byte(text))
	r := n.next()
	if r.Type != wire.RecordReply || r.Flags != wire.FlagLent {
		t.Fatalf("got %+v", r)
	}
	token, length, err := wire.ParseLoan(r.Payload)
	if err != nil || length != len(text) {
		t.Fatalf("%d bytes, %v", length, err)
	}
	bytes := make([]byte, length)
	n.wantStatus(n.Take(token, bytes), wire.StatusOK)
	if string(bytes) != text {
		t.Error("not the text")
	}
}

// leaver is told that its end was asked for.
type leaver struct{ left atomic.Bool }

func (l *leaver) Leave() { l.left.Store(true) }

func TestATargetKnowsOfItsEndBeforeTheTurnOfThat(t *testing.T) {
	r := NewRegistry()
	goOn := make(chan struct{})
	HandleOn(r, wire.WorkerDump, func(_ *Call, _ *leaver, _ wire.Empty) (wire.Empty, error) {
		<-goOn

		return wire.Empty{}, nil
	})
	HandleOn(r, wire.TrackStop, func(*Call, *leaver, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	Leaves[*leaver](r, wire.TrackStop)
	n := openNode(t, r)
	target := &leaver{}
	handle := n.NewHandle(target)
	n.wantStatus(n.Call(1, handle, wire.WorkerDump, []byte("{}")), wire.StatusOK)
	if target.left.Load() {
		t.Error("left by another request")
	}
	n.wantStatus(n.Call(2, handle, wire.TrackStop, []byte("{}")), wire.StatusOK)
	if !target.left.Load() {
		t.Error("its end has been asked for")
	}
	close(goOn)
	n.wantReply(1, "{}")
	n.wantReply(2, "{}")
}

func TestRequestsThatNobodyServesAnyMoreAreAnswered(t *testing.T) {
	r := NewRegistry()
	HandleOn(r, wire.WorkerClose, func(*Call, string, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	n := openNode(t, r)
	entry := n.handles.add("object")
	entry.requests.serving = true
	n.Call(1, entry.handle, wire.WorkerClose, []byte("{}"))
	n.Call(2, entry.handle, wire.WorkerClose, []byte("{}"))
	n.refuseAll(entry, nil)
	for id := range uint32(2) {
		if got := n.wantError(id + 1); got.Code != wire.CodeInternal {
			t.Errorf("got %+v", got)
		}
	}
	// The next one is served.
	n.Call(3, entry.handle, wire.WorkerClose, []byte("{}"))
	n.wantReply(3, "{}")
}

func TestWhatIsAnnouncedIsKnownBeforeTheCallReturnsAndOnlyIfItCanBeRead(t *testing.T) {
	const method = wire.ChannelSetBufferedAmountLowThreshold
	r := NewRegistry()
	free := make(chan struct{})
	HandleOn(r, method, func(*Call, string, wire.Threshold) (wire.Empty, error) {
		<-free

		return wire.Empty{}, nil
	})
	var told []uint64
	AnnouncesWith(r, method, func(target string, threshold wire.Threshold) {
		if target != "object" {
			t.Errorf("told of %q", target)
		}
		told = append(told, threshold.Bytes)
	})
	n := openNode(t, r)
	handle := n.NewHandle("object")
	// The first is served until the others have been made.
	for id, body := range []string{`{"bytes":1}`, `{"bytes":2}`, `{"bytes":"x"}`} {
		n.wantStatus(n.Call(uint32(id), handle, method, []byte(body)), wire.StatusOK)
		if want := min(id+1, 2); len(told) != want {
			t.Errorf("told %v after %d calls", told, id+1)
		}
	}
	close(free)
	n.wantReply(0, "{}")
	n.wantReply(1, "{}")
	if refused := n.wantError(2); refused.Code != wire.CodeInvalidArgument {
		t.Errorf("got %v", refused)
	}
}
