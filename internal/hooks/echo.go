package hooks

import (
	"context"
	"encoding/binary"
	"sync"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// Limits of an echo channel, in bytes.
const (
	maxEchoBuffer = 4 << 20
	maxEchoBurst  = 64 << 20
)

// echoChannel sends back what it is sent, from a goroutine of its own as the
// network would: the check and the benchmark of the waist.
type echoChannel struct {
	env    *core.Env
	handle uint64
	scope  *core.Scope
	wake   chan struct{}

	mu       sync.Mutex
	pending  echoes
	buffered atomic.Int64
}

// echoes are messages behind each other.
type echoes struct {
	bytes []byte
	kinds []echoKind
}

type echoKind struct {
	text bool
	size int
}

func registerEcho(r *core.Registry) {
	core.Handle(r, EchoChannel, func(c *core.Call, _ wire.Empty) (wire.Handle, error) {
		return wire.Handle{Handle: newEchoChannel(c.Env).handle}, nil
	})
	core.HandleOn(r, EchoBurst, func(c *core.Call, ch *echoChannel, b Burst) (wire.Empty, error) {
		return wire.Empty{}, ch.burst(c.Context, b)
	})
	core.HandleOn(r, EchoClose, func(_ *core.Call, ch *echoChannel, _ wire.Empty) (wire.Empty, error) {
		return wire.Empty{}, ch.Close()
	})
}

func newEchoChannel(env *core.Env) *echoChannel {
	ch := &echoChannel{env: env, wake: make(chan struct{}, 1)}
	ch.scope = core.NewScope(func(string, string) { env.Release(ch.handle) })
	ch.handle = env.NewHandle(ch)
	ch.scope.Go("echo channel", ch.run)

	return ch
}

// Send implements core.ByteTarget.
func (ch *echoChannel) Send(text bool, data []byte) error {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	size := int64(len(data))
	if now := ch.buffered.Add(size); now > size && now > maxEchoBuffer {
		ch.buffered.Add(-size)

		return core.ErrBufferFull
	}
	ch.pending.bytes = append(ch.pending.bytes, data...)
	ch.pending.kinds = append(ch.pending.kinds, echoKind{text, len(data)})
	if len(ch.pending.kinds) == 1 {
		select {
		case ch.wake <- struct{}{}:
		default:
		}
	}

	return nil
}

// Query implements core.Queryable.
func (ch *echoChannel) Query(what uint32) (int64, bool) {
	return ch.buffered.Load(), what == wire.QueryBufferedAmount
}

// Close implements io.Closer.
func (ch *echoChannel) Close() error {
	ch.scope.Close()
	ch.env.Release(ch.handle)

	return nil
}

func (ch *echoChannel) run(ctx context.Context) {
	var done echoes
	for {
		select {
		case <-ch.wake:
		case <-ctx.Done():
			return
		}
		done = ch.take(done)
		rest := done.bytes
		for _, kind := range done.kinds {
			// Before it is sent back: who has the echo knows that the message has left.
			ch.buffered.Add(-int64(kind.size))
			if ch.env.EmitBytes(ctx, ch.handle, kind.text, rest[:kind.size]) != nil {
				return
			}
			rest = rest[kind.size:]
		}
	}
}

// take returns what is pending, and uses done for what will be.
func (ch *echoChannel) take(done echoes) echoes {
	if cap(done.bytes) > maxEchoBuffer {
		done = echoes{}
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	taken := ch.pending
	ch.pending = echoes{done.bytes[:0], done.kinds[:0]}

	return taken
}

func (ch *echoChannel) burst(ctx context.Context, b Burst) error {
	if b.Events < 0 || b.Messages < 0 || b.Size < 0 || b.Size > maxEchoBurst {
		return &wire.Error{
			Name:    "TypeError",
			Code:    wire.CodeInvalidArgument,
			Message: "a burst is of no less than 0 events and messages, of 64 MiB at the most",
		}
	}
	message := make([]byte, b.Size)
	for i := range max(b.Events, b.Messages) {
		if i < b.Events {
			ch.env.Emit(ch.handle, EchoTick, Tick{Number: i})
		}
		if i >= b.Messages {
			continue
		}
		if len(message) >= 4 {
			binary.LittleEndian.PutUint32(message, uint32(i)) //nolint:gosec // as many as fit
		}
		if err := ch.env.EmitBytes(ctx, ch.handle, false, message); err != nil {
			return err //nolint:wrapcheck // says what was being done
		}
	}

	return nil
}
