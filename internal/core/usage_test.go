package core

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func TestWhatWaitsIsCountedUntilItIsTaken(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	n.Emit(handle, wire.TrackEnded, wire.Empty{})
	large := bytes.Repeat([]byte("x"), wire.LentThreshold+1)
	for _, message := range [][]byte{[]byte("small"), large} {
		if err := n.EmitBytes(context.Background(), handle, false, message); err != nil {
			t.Fatal(err)
		}
	}
	u := n.Usage()
	records := wire.RecordSize(len("{}")) + wire.RecordSize(len("small")) + wire.RecordSize(wire.LoanSize)
	if u.QueuedRecords != 3 || u.QueuedBytes != records+len(large) {
		t.Errorf("%d records of %d bytes wait, of %d", u.QueuedRecords, u.QueuedBytes, records+len(large))
	}
	var token uint64
	for range 3 {
		if r := n.next(); r.Flags&wire.FlagLent != 0 {
			token, _, _ = wire.ParseLoan(r.Payload)
		}
	}
	if u = n.Usage(); u.QueuedRecords != 0 || u.QueuedBytes != len(large) {
		t.Errorf("%d records of %d bytes wait after all were polled", u.QueuedRecords, u.QueuedBytes)
	}
	n.wantStatus(n.Take(token, nil), wire.StatusOK)
	if u = n.Usage(); u != (Usage{}) {
		t.Errorf("at the end there is %+v", u)
	}
}

// More than a batch takes several polls, the last of which begins in the middle of a segment.
func TestWhatOnePollLeavesStillWaits(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	message := make([]byte, wire.LentThreshold)
	each := wire.RecordSize(len(message))
	count := wire.BatchSize/each + 3
	for range count {
		if err := n.EmitBytes(context.Background(), handle, false, message); err != nil {
			t.Fatal(err)
		}
	}
	batch := make([]byte, wire.BatchSize)
	for polled := 0; ; {
		if u := n.Usage(); u.QueuedRecords != count-polled/each || u.QueuedBytes != count*each-polled {
			t.Fatalf("after %d bytes %+v", polled, u)
		}
		moved := n.Poll(batch)
		if moved == 0 {
			break
		}
		polled += moved
	}
}

func TestRequestsAreCountedUntilTheyAreAnswered(t *testing.T) {
	const slow = wire.Method(1 << 20)
	r := NewRegistry()
	goOn := make(chan struct{})
	Handle(r, slow, func(*Call, wire.Empty) (wire.Empty, error) {
		<-goOn

		return wire.Empty{}, nil
	})
	n := openNode(t, r)
	for id := range uint32(3) {
		n.wantStatus(n.Call(id, 0, slow, []byte("{}")), wire.StatusOK)
	}
	if u := n.Usage(); u.Requests != 3 {
		t.Errorf("%d requests", u.Requests)
	}
	n.wantStatus(n.Call(9, 4711, slow, nil), wire.StatusStaleHandle)
	close(goOn)
	for id := range uint32(3) {
		n.wantReply(id, "{}")
	}
	soon(t, "all are answered", func() bool { return n.Usage().Requests == 0 })
}

func TestFramesAndWhatIsLentOfThemAreCounted(t *testing.T) {
	n := openNode(t, NewRegistry())
	var head frames.Head
	head.Kind = frames.KindCodedVideo
	n.wantStatus(n.MakeFrame(&head, make([]byte, 1000)), wire.StatusOK)
	lent := n.Lent()
	lent.Lend(600)
	want := Usage{HeldFrames: 1, HeldFrameBytes: 1000, LentPlanes: 1, LentPlaneBytes: 600}
	if u := n.Usage(); u != want {
		t.Errorf("%+v", u)
	}
	n.wantStatus(n.ReleaseFrame(uint64(head.Token)), wire.StatusOK)
	n.Close()
	// What is lent may come back after the end.
	lent.Return(600)
	if u := n.Usage(); u != (Usage{}) {
		t.Errorf("at the end there is %+v", u)
	}
}

func TestTheObjectsOfHandlesAreListed(t *testing.T) {
	n := openNode(t, NewRegistry())
	first := n.NewHandle("first")
	n.NewHandle("second")
	n.Release(first)
	n.NewHandle("third")
	got := slices.Sorted(func(yield func(string) bool) {
		for object := range n.Objects() {
			if name, ok := object.(string); !ok || !yield(name) {
				return
			}
		}
	})
	if !slices.Equal(got, []string{"second", "third"}) {
		t.Errorf("%q", got)
	}
}
