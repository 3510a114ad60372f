package core

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// countedMemory is Memory that notices what is not freed, or freed twice.
type countedMemory struct {
	t    *testing.T
	mu   sync.Mutex
	out  map[*byte]bool
	none bool
}

func (m *countedMemory) Allocate(n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.none {
		return nil
	}
	b := make([]byte, n)
	if m.out == nil {
		m.out = map[*byte]bool{}
	}
	m.out[&b[0]] = true

	return b
}

func (m *countedMemory) Free(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.out[&b[0]] {
		m.t.Error("freed what was not allocated")
	}
	delete(m.out, &b[0])
}

func (m *countedMemory) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()

	return len(m.out)
}

func TestLentBytesOutliveTheEnvironment(t *testing.T) {
	memory := &countedMemory{t: t}
	n := openNode(t, NewRegistry(), WithMemory(memory))
	handle := n.NewHandle("object")
	message := make([]byte, wire.LentThreshold+1)
	var tokens []uint64
	for range 3 {
		if err := n.EmitBytes(context.Background(), handle, false, message); err != nil {
			t.Fatal(err)
		}
		token, _, _ := wire.ParseLoan(n.next().Payload)
		tokens = append(tokens, token)
	}
	if _, status := n.Acquire(tokens[0]); status != wire.StatusOK {
		t.Errorf("status %d", status)
	}
	if _, status := n.Acquire(tokens[0]); status != wire.StatusStaleHandle {
		t.Errorf("lent twice: status %d", status)
	}
	n.wantStatus(n.ReleaseBuffer(tokens[1]), wire.StatusOK)
	n.wantStatus(n.ReleaseBuffer(tokens[1]), wire.StatusStaleHandle)
	n.Close()
	if memory.left() != 1 || n.Lent() != 1 {
		t.Errorf("%d are left, %d are lent", memory.left(), n.Lent())
	}
	n.wantStatus(n.ReleaseBuffer(tokens[0]), wire.StatusOK)
	if memory.left() != 0 || n.Lent() != 0 {
		t.Errorf("%d are left, %d are lent", memory.left(), n.Lent())
	}
}

func TestBytesThatAreDroppedAreFreed(t *testing.T) {
	memory := &countedMemory{t: t}
	n := openNode(t, echoRegistry(), WithMemory(memory))
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
	n.Emit(0, wire.EchoTick, wire.Echo{Text: string(message)})
	if memory.left() != 0 {
		t.Errorf("%d are left", memory.left())
	}
}

func TestOutOfMemoryIsAnError(t *testing.T) {
	n := openNode(t, echoRegistry(), WithMemory(&countedMemory{t: t, none: true}))
	if err := n.EmitBytes(context.Background(), 0, false, make([]byte, wire.LentThreshold+1)); !errors.Is(err, ErrNoMemory) {
		t.Errorf("got %v", err)
	}
	text := make([]byte, wire.LentThreshold)
	for i := range text {
		text[i] = 'x'
	}
	n.Call(1, 0, wire.EnvironmentEcho, []byte(`{"text":"`+string(text)+`"}`))
	if got := n.wantError(1); got.Message != ErrNoMemory.Error() {
		t.Errorf("got %+v", got)
	}
}
