package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func state(i int) wire.State { return wire.State{State: strconv.Itoa(i)} }

// records polls all that there is.
func (n *node) records() (all []wire.Record) {
	n.t.Helper()
	for some := n.poll(); len(some) > 0; some = n.poll() {
		all = append(all, some...)
	}

	return all
}

func TestOfManyStatesTheFirstAndTheNewestArrive(t *testing.T) {
	for _, count := range []int{1, maxQueuedEvents - 1, maxQueuedEvents, maxQueuedEvents + 1, 100_000} {
		n := openNode(t, NewRegistry())
		handle, other := n.NewHandle("object"), n.NewHandle("other")
		for i := range count {
			n.Emit(handle, wire.PeerConnectionState, state(i))
		}
		n.Emit(other, wire.PeerConnectionState, state(4711))
		n.Emit(handle, wire.PeerIceGatheringState, state(4712))
		if got := n.Usage(); got.QueuedRecords > maxQueuedEvents+2 || got.MergedEvents != max(0, count-maxQueuedEvents-1) {
			t.Errorf("of %d: %+v", count, got)
		}
		for i := range min(count, maxQueuedEvents) {
			n.wantEvent(handle, wire.PeerConnectionState, fmt.Sprintf(`{"state":"%d"}`, i))
		}
		n.wantEvent(other, wire.PeerConnectionState, `{"state":"4711"}`)
		n.wantEvent(handle, wire.PeerIceGatheringState, `{"state":"4712"}`)
		if count > maxQueuedEvents {
			n.wantEvent(handle, wire.PeerConnectionState, fmt.Sprintf(`{"state":"%d"}`, count-1))
		}
		n.quiet()
		// It goes on as if nothing had been.
		for i := range 3 {
			n.Emit(handle, wire.PeerConnectionState, state(i))
			n.wantEvent(handle, wire.PeerConnectionState, fmt.Sprintf(`{"state":"%d"}`, i))
		}
		n.quiet()
	}
}

func TestTheNewestStateComesBeforeClosed(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	for i := range 1000 {
		n.Emit(handle, wire.PeerConnectionState, state(i))
	}
	n.Release(handle)
	all := n.records()
	if len(all) != maxQueuedEvents+2 || string(all[maxQueuedEvents].Payload) != `{"state":"999"}` ||
		all[maxQueuedEvents+1].Number != uint32(wire.Closed) {
		t.Errorf("%d records, at last %s", len(all), all[len(all)-2].Payload)
	}
}

func TestAMergedEventThatIsLentGivesItsLoanBack(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	large := strings.Repeat("x", wire.LentThreshold+1)
	for range maxQueuedEvents + 100 {
		n.Emit(handle, wire.ChannelError, wire.State{State: large})
	}
	if got := n.lent(); got != maxQueuedEvents+1 {
		t.Errorf("%d are lent", got)
	}
	if got := len(n.records()); got != maxQueuedEvents+1 {
		t.Errorf("%d came", got)
	}
}

// A poll that has room for some only, while more are told of.
func TestStatesAreMergedWhileTheyArePolled(t *testing.T) {
	n := openNode(t, NewRegistry())
	const handles, count = 50, 3000
	var all [handles]uint64
	for i := range all {
		all[i] = n.NewHandle("object")
		n.scope.Go("telling", func(context.Context) {
			for j := range count {
				n.Emit(all[i], wire.ReceiverLevel, state(j))
			}
			n.Release(all[i])
		})
	}
	last := map[uint64]int{}
	closed := 0
	for closed < handles {
		r := n.next()
		if r.Number == uint32(wire.Closed) {
			closed++
			if last[r.Handle] != count-1 {
				t.Errorf("the last of %d is %d", r.Handle, last[r.Handle])
			}

			continue
		}
		var told wire.State
		if err := json.Unmarshal(r.Payload, &told); err != nil {
			t.Fatal(err)
		}
		number, _ := strconv.Atoi(told.State)
		if number < last[r.Handle] {
			t.Fatalf("%d came after %d", number, last[r.Handle])
		}
		last[r.Handle] = number
	}
	if u := n.Usage(); u.QueuedRecords != 0 || u.QueuedBytes != 0 {
		t.Errorf("%+v is left", u)
	}
}

func TestLinesOfLogsAreLeftOutBeyondTheirRoom(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("worker")
	fill := func(level string) (taken int) {
		for n.EmitLine(handle, wire.LogLine{Level: level, Scope: "ice", Message: strings.Repeat("x", 100)}) {
			taken++
		}

		return taken
	}
	debug := fill(wire.LevelDebug)
	if got := n.Usage().QueuedBytes; got > maxQueuedLines/2 || got < maxQueuedLines/2-1000 {
		t.Errorf("%d lines at debug are %d bytes", debug, got)
	}
	// Those that matter more find room still.
	severe := fill(wire.LevelError)
	if got := n.Usage().QueuedBytes; got > maxQueuedLines || got < maxQueuedLines-1000 {
		t.Errorf("%d lines are %d bytes", debug+severe, got)
	}
	// What else there is is not kept out.
	n.Emit(handle, wire.TrackEnded, wire.Empty{})
	if got := len(n.records()); got != debug+severe+1 {
		t.Errorf("%d came of %d", got, debug+severe+1)
	}
	if got := fill(wire.LevelDebug); got != debug {
		t.Errorf("%d lines fit again, of %d", got, debug)
	}
	if n.EmitLine(4711, wire.LogLine{}) {
		t.Error("a line of no handle was taken")
	}
}

func TestRequestsAreBoundedUntilTheirAnswersAreRead(t *testing.T) {
	n := openNode(t, echoRegistry())
	HandleOn(n.registry, wire.PeerClose, func(*Call, string, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	handle := n.NewHandle("object")
	body := []byte(`{"text":""}`)
	for id := range uint32(wire.MaxRequests) {
		n.wantStatus(n.Call(id, 0, asEcho, body), wire.StatusOK)
	}
	n.wantStatus(n.Call(0, 0, asEcho, body), wire.StatusBufferFull)
	// What ends something is taken all the same.
	n.wantStatus(n.Call(wire.MaxRequests, handle, wire.PeerClose, []byte("{}")), wire.StatusOK)
	soon(t, "all are answered", func() bool { return n.Usage().Requests == 0 })
	n.wantStatus(n.Call(0, 0, asEcho, body), wire.StatusBufferFull)
	if got := len(n.records()); got != wire.MaxRequests+1 {
		t.Errorf("%d answers", got)
	}
	n.wantStatus(n.Call(0, 0, asEcho, body), wire.StatusOK)
	n.wantReply(0, string(body))
}

func TestRequestsAreBoundedInBytes(t *testing.T) {
	r := NewRegistry()
	goOn := make(chan struct{})
	Handle(r, asEcho, func(*Call, wire.Empty) (wire.Empty, error) {
		<-goOn

		return wire.Empty{}, nil
	})
	n := openNode(t, r)
	body := []byte("{}" + strings.Repeat(" ", wire.MaxBody-2))
	n.wantStatus(n.Call(0, 0, asEcho, append(body, ' ')), wire.StatusTooLarge)
	const most = wire.MaxRequestBytes / wire.MaxBody
	for id := range uint32(most) {
		n.wantStatus(n.Call(id, 0, asEcho, body), wire.StatusOK)
	}
	n.wantStatus(n.Call(most, 0, asEcho, []byte("{}")), wire.StatusBufferFull)
	close(goOn)
	for id := range uint32(most) {
		n.wantReply(id, "{}")
	}
	n.wantStatus(n.Call(most, 0, asEcho, body), wire.StatusOK)
	n.wantReply(most, "{}")
}

func TestAnswersThatAreNotReadAreBoundedInBytes(t *testing.T) {
	n := openNode(t, echoRegistry())
	answer := make([]byte, 1<<20)
	const most = wire.MaxRequestBytes/(1<<20) - 1
	give := func(id uint32) {
		n.queue.admit(0, false)
		if err := n.reply(wire.RecordReply, n.handles.get(0), &request{id: id}, answer); err != nil {
			t.Fatal(err)
		}
	}
	for id := range uint32(most) {
		give(id)
	}
	body := []byte(`{"text":""}`)
	n.wantStatus(n.Call(most, 0, asEcho, body), wire.StatusOK)
	soon(t, "it is answered", func() bool { return n.Usage().Requests == 0 })
	give(0)
	n.wantStatus(n.Call(most, 0, asEcho, body), wire.StatusBufferFull)
	if got := len(n.records()); got != most+2 {
		t.Errorf("%d answers", got)
	}
	n.wantStatus(n.Call(most, 0, asEcho, body), wire.StatusOK)
	n.wantReply(most, string(body))
}

func TestHandlesAreBounded(t *testing.T) {
	r := NewRegistry()
	Handle(r, wire.WorkerCreate, func(c *Call, _ wire.Empty) (wire.Handle, error) {
		return wire.Handle{Handle: c.Env.NewHandle("object")}, nil
	})
	Handle(r, wire.WorkerDump, func(*Call, wire.Empty) (wire.Empty, error) { return wire.Empty{}, nil })
	n := openNode(t, r)
	var first uint64
	for i := range wire.MaxHandles - 1 {
		if handle := n.NewHandle("object"); i == 0 {
			first = handle
		}
	}
	body := []byte("{}")
	n.wantStatus(n.Call(1, 0, wire.WorkerCreate, body), wire.StatusOK)
	if r := n.next(); r.Type != wire.RecordReply {
		t.Errorf("the last was refused: %s", r.Payload)
	}
	n.wantStatus(n.Call(2, 0, wire.WorkerCreate, body), wire.StatusOK)
	got := n.wantError(2)
	if got.Code != wire.CodeLimit || got.Name != "OperationError" || !strings.Contains(got.Message, strconv.Itoa(wire.MaxHandles)) {
		t.Errorf("got %+v", got)
	}
	n.wantStatus(n.Call(3, 0, wire.WorkerDump, body), wire.StatusOK)
	n.wantReply(3, "{}")
	n.Release(first)
	n.wantEvent(first, wire.Closed, "{}")
	n.wantStatus(n.Call(4, 0, wire.WorkerCreate, body), wire.StatusOK)
	if r := n.next(); r.Type != wire.RecordReply {
		t.Errorf("after one was closed: %s", r.Payload)
	}
}

func TestFramesThatAreHeldAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		size float64
		most int
	}{
		"in number": {1, mostHeldFrames},
		"in bytes":  {mostHeldFrameBytes / 8, 8},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeld()
			defer h.close()
			held := func() error {
				f := frames.New(frames.Head{}, nil, nil)
				f.Size = c.size

				return h.add(f)
			}
			for i := range c.most {
				if err := held(); err != nil {
					t.Fatalf("frame %d: %v", i, err)
				}
			}
			if err := held(); !errors.Is(err, ErrBufferFull) {
				t.Errorf("one more: %v", err)
			}
			h.remove(1).Release()
			if err := held(); err != nil {
				t.Errorf("after one was closed: %v", err)
			}
		})
	}
}
