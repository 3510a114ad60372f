package generated

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// What Write fails with.
var (
	// ErrFull is that there is no room: drain tells of some.
	ErrFull = errors.New("as much waits as may")
	// ErrEnded is that nothing plays any more.
	ErrEnded = errors.New("the track has ended")
)

// Told is what the owner of a generator wants to hear, on any goroutine; it does not block. Each may be nil.
type Told struct {
	// Drain is called once there is room again, after ErrFull.
	Drain func()
	// Sent is called for each Mark, once all that was written before has gone out.
	Sent func()
	// Closed is called when nothing is taken any more.
	Closed func()
}

func (t Told) drain() {
	if t.Drain != nil {
		t.Drain()
	}
}

func (t Told) sent(times int) {
	for range times {
		if t.Sent != nil {
			t.Sent()
		}
	}
}

func (t Told) closed() {
	if t.Closed != nil {
		t.Closed()
	}
}

// base is what the engines of both kinds are.
type base struct {
	kind   media.Kind
	told   Told
	output engine.Output
}

func (b *base) Name() string { return fmt.Sprintf("generator of %v", b.kind) }

func (b *base) Can(kind media.Kind) error {
	if kind == b.kind {
		return nil
	}
	return &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf("a generator of %v gives no %v", b.kind, kind)}
}

func (b *base) Framerate() float64 { return 0 }

// Live: there is nothing but what is written.
func (b *base) Live() bool { return true }

func (b *base) DeliverTo(o engine.Output) { b.output = o }

func (b *base) Prime(media.Kind) {}
