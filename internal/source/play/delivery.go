package play

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// deliver hands out what is due.
func (p *Player) deliver(ctx context.Context) {
	if !p.moving || !p.begun {
		return
	}
	now := time.Now()
	position := p.clock.Position(now)
	p.hold(position)
	for _, part := range p.parts {
		if !part.running || part.ended {
			continue
		}
		if p.Live() {
			part.Skip(position - lateLive)
		} else if late := part.Late(position); late > mostDelay && p.waitsFor(part) {
			p.clock.Delay(late)
			position -= late
		}
		part.Deliver(ctx, position, now)
	}
}

// Live sources can't wait: what they gave too late is left out.
func (p *Player) Live() bool { return p.reader.Container().Live() }

// waitsFor reports whether the clock may wait for the part.
func (p *Player) waitsFor(part *part) bool {
	return part.Kind() == media.Audio || !p.soundPlays()
}

// soundPlays says that the clock can't wait for pictures.
func (p *Player) soundPlays() bool {
	for _, part := range p.parts {
		if part.Kind() == media.Audio && part.running && !part.ended {
			return true
		}
	}
	return false
}

// wait is how long nothing is due.
func (p *Player) wait() time.Duration {
	if !p.moving || !p.begun || p.starved() {
		// What is there is not due before all that is wanted is, and nobody holds it.
		return idleWait
	}
	now := time.Now()
	wait, position := idleWait, p.clock.Position(now)
	for _, part := range p.parts {
		if !part.running || part.ended {
			continue
		}
		if next, ok := p.next(part); ok {
			wait = min(wait, untilBeat(now, next-position, part.Slack()))
		}
	}
	return max(wait, 0)
}
