package peer

import (
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// A server asks who sends a picture for a keyframe once somebody consumes it, mediasoup twice within a second, and passes
// nothing on until one comes. Where both requests got lost nobody would ask again: who receives nothing does, each time after
// twice as long, up to mostPatience. What is paused at the server costs these few packets.
const (
	firstPatience = time.Second
	mostPatience  = 32 * time.Second
)

// beginning is what waits for the first packet of a stream.
type beginning struct {
	mu    sync.Mutex
	timer *time.Timer
	// patience is how long it waits for one before it asks.
	patience time.Duration
	// before is how many packets had come when the wait began.
	before uint64
}

// awaitBeginning asks for a keyframe where nothing comes from now on.
func (r *Receiver) awaitBeginning() {
	if r.deaf || r.options.Kind != media.Video {
		return
	}
	b := &r.beginning
	b.mu.Lock()
	defer b.mu.Unlock()
	b.patience, b.before = firstPatience, r.arrivals.Read(time.Now()).Packets
	r.waitToAsk()
}

// waitToAsk is called with the lock held.
func (r *Receiver) waitToAsk() {
	b := &r.beginning
	if b.timer != nil {
		b.timer.Stop()
	}
	if !r.life.Ended() {
		b.timer = recovery.Timer(r.peer.options.Owner, "waiting for a picture", b.patience, r.askToBegin)
	}
}

func (r *Receiver) askToBegin() {
	now := time.Now()
	b := &r.beginning
	b.mu.Lock()
	defer b.mu.Unlock()
	// Who goes on waits anew.
	if r.arrivals.Read(now).Packets != b.before || r.paused.Load() {
		return
	}
	r.track.keys.Add()
	r.track.requestIfDue(now)
	b.patience = min(2*b.patience, mostPatience)
	r.waitToAsk()
}

// endBeginning asks no more, once its life has ended.
func (r *Receiver) endBeginning() {
	b := &r.beginning
	b.mu.Lock()
	defer b.mu.Unlock()
	r.waitToAsk()
}
