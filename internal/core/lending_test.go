package core

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func (n *node) lent() int {
	n.lending.mu.Lock()
	defer n.lending.mu.Unlock()

	return len(n.lending.loans)
}

func TestWhatIsLentIsTakenOnce(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle("object")
	message := bytes.Repeat([]byte("x"), wire.LentThreshold+1)
	tokens := make([]uint64, 4)
	for i := range tokens {
		if err := n.EmitBytes(context.Background(), handle, false, message); err != nil {
			t.Fatal(err)
		}
		tokens[i], _, _ = wire.ParseLoan(n.next().Payload)
	}
	room := make([]byte, len(message))
	n.wantStatus(n.Take(tokens[0], room), wire.StatusOK)
	if !bytes.Equal(room, message) {
		t.Error("not the message")
	}
	n.wantStatus(n.Take(tokens[0], room), wire.StatusStaleHandle)
	n.wantStatus(n.Take(tokens[1], nil), wire.StatusOK)
	n.wantStatus(n.Take(tokens[1], room), wire.StatusStaleHandle)
	n.wantStatus(n.Take(tokens[2], room[1:]), wire.StatusBadArgument)
	n.wantStatus(n.Take(tokens[2], room), wire.StatusStaleHandle)
	n.wantStatus(n.Take(4711, room), wire.StatusStaleHandle)
	if n.lent() != 1 {
		t.Errorf("%d are lent", n.lent())
	}
	n.Close()
	n.wantStatus(n.Take(tokens[3], room), wire.StatusStaleHandle)
}

func TestBytesThatAreDroppedAreNotKept(t *testing.T) {
	n := openNode(t, echoRegistry())
	handle := n.NewHandle("object")
	message := make([]byte, wire.LentThreshold+1)
	entry := n.handles.get(handle)
	n.Release(handle)
	if _, err := n.queue.appendBytes(context.Background(), entry, 1, wire.Record{}); !errors.Is(err, ErrStaleHandle) {
		t.Errorf("got %v", err)
	}
	if err := n.EmitBytes(context.Background(), handle, false, message); !errors.Is(err, ErrStaleHandle) {
		t.Errorf("got %v", err)
	}
	n.Close()
	if err := n.EmitBytes(context.Background(), 0, false, message); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	n.Emit(0, ticked, echo{Text: string(message)})
	if n.lent() != 0 {
		t.Errorf("%d are lent", n.lent())
	}
}
