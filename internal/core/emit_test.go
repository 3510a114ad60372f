package core

import (
	"bytes"
	"context"
	"errors"
	"math"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestEventsAndBytesOfAHandleKeepTheirOrder(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	const count = 5000
	n.scope.Go("emitting", func(ctx context.Context) {
		for i := range count {
			n.Emit(handle, ticked, tick{Number: i})
			if err := n.EmitBytes(ctx, handle, i%2 == 0, []byte(strconv.Itoa(i))); err != nil {
				t.Error(err)
			}
		}
		n.Release(handle)
	})
	for i := range count {
		text := strconv.Itoa(i)
		n.wantEvent(handle, ticked, `{"number":`+text+`}`)
		want := wire.RecordBinary
		if i%2 == 0 {
			want = wire.RecordText
		}
		if r := n.next(); r.Type != want || r.Handle != handle || string(r.Payload) != text {
			t.Fatalf("message %d: got %+v", i, r)
		}
	}
	n.wantEvent(handle, wire.Closed, "{}")
	n.quiet()
}

func TestNothingFollowsClosed(t *testing.T) {
	n := openNode(t, NewRegistry())
	var all sync.WaitGroup
	var handles [8]uint64
	for i := range handles {
		handles[i] = n.NewHandle("object")
		for range 4 {
			all.Go(func() {
				for range 200 {
					n.Emit(handles[i], ticked, tick{})
					_ = n.EmitBytes(context.Background(), handles[i], true, []byte("x"))
				}
			})
		}
		all.Go(func() { n.Release(handles[i]) })
		all.Go(func() { n.Release(handles[i]) })
	}
	all.Wait()
	closed := map[uint64]bool{}
	for records := n.poll(); len(records) > 0; records = n.poll() {
		for _, r := range records {
			if closed[r.Handle] {
				t.Fatalf("%+v came after closed", r)
			}
			closed[r.Handle] = r.Type == wire.RecordEvent && r.Number == uint32(wire.Closed)
		}
	}
	for _, handle := range handles {
		if !closed[handle] {
			t.Errorf("handle %d never closed", handle)
		}
		if err := n.EmitBytes(context.Background(), handle, true, nil); !errors.Is(err, ErrStaleHandle) {
			t.Errorf("got %v", err)
		}
	}
}

func TestControlIsLosslessHoweverMuch(t *testing.T) {
	n := openNode(t, NewRegistry())
	const count = 200_000
	for i := range count {
		n.Emit(0, ticked, tick{Number: i})
	}
	for i := range count {
		if r := n.next(); string(r.Payload) != `{"number":`+strconv.Itoa(i)+`}` {
			t.Fatalf("event %d is %s", i, r.Payload)
		}
	}
	n.quiet()
}

func TestTheDoorbellRingsOnceUntilItIsPolledEmpty(t *testing.T) {
	n := openNode(t, NewRegistry())
	wantRings := func(want int64) {
		t.Helper()
		if got := n.rings.Load(); got != want {
			t.Errorf("%d rings, want %d", got, want)
		}
	}
	for range 10 {
		n.Emit(0, ticked, tick{})
	}
	wantRings(1)
	<-n.rung
	if got := len(n.poll()); got != 10 {
		t.Errorf("polled %d", got)
	}
	n.Emit(0, ticked, tick{})
	wantRings(1)
	n.poll()
	n.quiet()
	n.Emit(0, ticked, tick{})
	wantRings(2)
}

func TestWhoHasPolledAllArmsTheBellWithoutACall(t *testing.T) {
	bell := new(uint32)
	n := openNode(t, NewRegistry(), WithBell(bell))
	arm := func() bool { return atomic.CompareAndSwapUint32(bell, wire.BellPolled, wire.BellArmed) }
	for ring := range int64(3) {
		n.Emit(0, ticked, tick{})
		if arm() {
			t.Error("armed with something to poll")
		}
		if got := len(n.poll()); got != 1 {
			t.Errorf("polled %d", got)
		}
		// What comes before the bell is armed does not ring, and is not missed.
		n.Emit(0, ticked, tick{})
		if got := n.rings.Load(); arm() || got != ring+1 {
			t.Errorf("%d rings before it was armed", got)
		}
		if got := len(n.poll()); got != 1 || !arm() {
			t.Errorf("polled %d, and the bell could not be armed", got)
		}
	}
}

func TestABatchThatHasNotAllLeavesTheBellRung(t *testing.T) {
	bell := new(uint32)
	n := openNode(t, NewRegistry(), WithBell(bell))
	handle := n.NewHandle("object")
	const count = 20
	for range count {
		if err := n.EmitBytes(context.Background(), handle, false, make([]byte, wire.LentThreshold)); err != nil {
			t.Fatal(err)
		}
	}
	polled := 0
	for !atomic.CompareAndSwapUint32(bell, wire.BellPolled, wire.BellArmed) {
		got := len(n.poll())
		if got == 0 {
			t.Fatal("polled nothing, with the bell rung")
		}
		polled += got
	}
	if polled != count {
		t.Errorf("polled %d of %d", polled, count)
	}
}

func TestNothingIsMissedBetweenPollingAndArming(t *testing.T) {
	bell := new(uint32)
	n := openNode(t, NewRegistry(), WithBell(bell))
	const count = 20000
	n.scope.Go("emitting", func(context.Context) {
		for i := range count {
			n.Emit(0, ticked, tick{Number: i})
			if i%7 == 0 {
				runtime.Gosched()
			}
		}
	})
	for polled := 0; polled < count; {
		select {
		case <-n.rung:
		case <-time.After(limit / 2):
			t.Fatalf("the bell is silent after %d of %d", polled, count)
		}
		for !atomic.CompareAndSwapUint32(bell, wire.BellPolled, wire.BellArmed) {
			got := len(n.poll())
			if got == 0 {
				break
			}
			polled += got
		}
	}
}

func TestAClosedEnvironmentLeavesTheBellAlone(t *testing.T) {
	bell := new(uint32)
	n := openNode(t, NewRegistry(), WithBell(bell))
	n.Emit(0, ticked, tick{})
	n.Close()
	const own = 4711
	*bell = own
	n.Emit(0, ticked, tick{})
	n.quiet()
	if *bell != own {
		t.Errorf("it says %d", *bell)
	}
}

func TestNilListsAreEmptyLists(t *testing.T) {
	n := openNode(t, NewRegistry())
	n.Emit(0, wire.WorkerLog, wire.WorkerState{})
	n.wantEvent(0, wire.WorkerLog, `{"pid":0,"players":[],"handlers":[]}`)
	n.Emit(0, wire.WorkerLog, &wire.WorkerState{Handlers: []wire.PeerState{{}}})
	n.wantEvent(0, wire.WorkerLog, `{"pid":0,"players":[],"handlers":[{"id":"","signalingState":"",`+
		`"iceConnectionState":"","iceGatheringState":"","connectionState":"","transceivers":[],"sendTransceivers":[],"dataChannels":[]}]}`)
	n.Emit(0, wire.WorkerLog, nil)
	n.wantEvent(0, wire.WorkerLog, `{}`)
}

func TestABodyThatDoesNotEncodeIsReported(t *testing.T) {
	r := NewRegistry()
	told := make(chan string, 1)
	r.OnPanic = func(_ *Call, message, _ string) { told <- message }
	n := openNode(t, r)
	n.Emit(0, ticked, math.NaN())
	if message := <-told; !strings.Contains(message, "NaN") {
		t.Errorf("told of %q", message)
	}
	n.quiet()
}

func TestBytesWaitForRoomOfTheirHandle(t *testing.T) {
	n := openNode(t, NewRegistry())
	full, other := n.NewHandle("full"), n.NewHandle("other")
	message := make([]byte, 1000)
	sent := make(chan int, 1)
	n.scope.Go("flooding", func(ctx context.Context) {
		for i := 0; ; i++ {
			if n.EmitBytes(ctx, full, false, message) != nil {
				sent <- i

				return
			}
		}
	})
	soon(t, "a full queue", func() bool { return n.sleepers() == 1 })
	if queued := n.queued(); queued > maxQueuedHandleBytes || queued < maxQueuedHandleBytes-2000 {
		t.Errorf("%d bytes are queued", queued)
	}
	if err := n.EmitBytes(context.Background(), other, false, message); err != nil {
		t.Errorf("another handle: %v", err)
	}
	n.Emit(full, ticked, tick{})

	n.poll()
	soon(t, "a full queue again", func() bool { return n.queued() > maxQueuedHandleBytes-2000 })
	n.Release(full)
	got := <-sent
	if least := maxQueuedHandleBytes / wire.RecordSize(len(message)); got <= least {
		t.Errorf("%d messages went, of %d that fit without a poll", got, least)
	}
}

func TestBytesWaitForRoomOfTheEnvironment(t *testing.T) {
	n := openNode(t, NewRegistry())
	message := make([]byte, 60_000)
	var all sync.WaitGroup
	const handles = 8
	for range handles {
		handle := n.NewHandle("object")
		all.Go(func() {
			for n.EmitBytes(context.Background(), handle, false, message) == nil {
				continue
			}
		})
	}
	soon(t, "full queues", func() bool { return n.sleepers() == handles })
	if queued := n.queued(); queued > maxQueuedBytes {
		t.Errorf("%d bytes are queued", queued)
	}
	n.Close()
	all.Wait()
}

func TestWaitingForRoomEndsWithTheContext(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	message := make([]byte, maxQueuedHandleBytes)
	if err := n.EmitBytes(context.Background(), handle, false, message); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := n.EmitBytes(ctx, handle, false, message); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got := n.lent(); got != 1 {
		t.Errorf("%d messages are lent", got)
	}
}

func TestAMessageLargerThanTheLimitGoesAlone(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	message := bytes.Repeat([]byte("x"), 2*maxQueuedBytes)
	for range 2 {
		if err := n.EmitBytes(context.Background(), handle, true, message); err != nil {
			t.Fatal(err)
		}
		r := n.next()
		token, length, err := wire.ParseLoan(r.Payload)
		if r.Type != wire.RecordText || err != nil || length != len(message) {
			t.Fatalf("got %+v, %v", r, err)
		}
		lent := make([]byte, length)
		n.wantStatus(n.Take(token, lent), wire.StatusOK)
		if !bytes.Equal(lent, message) {
			t.Error("not the message")
		}
		n.quiet()
	}
}

func (n *node) sleepers() int {
	n.queue.mu.Lock()
	defer n.queue.mu.Unlock()

	return n.queue.sleepers
}

func (n *node) queued() int {
	n.queue.mu.Lock()
	defer n.queue.mu.Unlock()

	return n.queue.bytes
}
