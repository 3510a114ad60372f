package peer

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/hearing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Hearing is what is told of how loud a receiver's sound is, and Hearer who is told.
type (
	Hearing = hearing.Options
	Hearer  = hearing.Observer
	// Source is who is heard.
	Source = feedback.Source
)

// Hear has the hearer told of how loud each packet says it is, as asked for, from now on.
func (r *Receiver) Hear(asked Hearing, hearer Hearer) {
	r.hearMu.Lock()
	defer r.hearMu.Unlock()
	if r.life.Ended() {
		return
	}
	listener := r.listener.Load()
	if listener == nil {
		listener = hearing.NewListener(hearer)
	}
	listener.Set(asked)
	if asked.Interval == 0 && !asked.Voice {
		listener = nil
	}
	r.listener.Store(listener)
}

// endHearing has nothing told any more.
func (r *Receiver) endHearing() {
	r.hearMu.Lock()
	defer r.hearMu.Unlock()
	if listener := r.listener.Swap(nil); listener != nil {
		listener.End()
	}
}

// heard is told of each packet, where somebody listens.
func (r *Receiver) heard(listener *hearing.Listener, packet []byte, now time.Time) {
	value := rtpwire.Extension(packet, r.levelID)
	if len(value) == 0 || !listener.Take(
		binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[4:]), value[0], now) {
		return
	}
	r.peer.start("waiting for silence", func(ctx context.Context) { expire(ctx, listener) })
}

// expire notices what ends because nothing comes. It runs while there is something that may.
func expire(ctx context.Context, listener *hearing.Listener) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-timer.C:
			at := listener.Expire(now)
			if at.IsZero() {
				return
			}
			timer.Reset(max(time.Until(at), time.Millisecond))
		}
	}
}

// Sources are who was heard within the last ten seconds: the stream's own, and those that its sender mixed (CSRCs).
func (r *Receiver) Sources() (own, mixed []Source) { return r.arrivals.Sources(time.Now()) }
