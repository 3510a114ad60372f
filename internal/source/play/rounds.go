package play

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// turnAhead is how long before the end of a round the next one is read.
	turnAhead = 100 * time.Millisecond
	// stillRound is how long a single picture is a round.
	stillRound = time.Second
)

// looping reports whether what comes to its end begins again. All kinds do so
// together: what is shorter holds until the longest is over.
func (p *Player) looping() bool { return p.loop && p.reader.Broken() == nil }

// goesOn reports whether a part that came to its end has anything to give in the next round.
func (p *Player) goesOn(part *part) bool {
	decoded, failure := part.Result()
	return p.looping() && (decoded > 0 || failure == nil)
}

// roundEnd is where the round that plays is over.
func (p *Player) roundEnd() time.Duration {
	var end time.Duration
	decoded, sound := 0, false
	for _, part := range p.parts {
		if part.running {
			end = max(end, part.Ends())
		} else if length := p.length(part); length != av.NoTime {
			end = max(end, p.reader.Begins()+length)
		}
		n, _ := part.Result()
		decoded += n
		sound = sound || part.Kind() == media.Audio
	}
	if !sound && decoded-p.before == 1 {
		// It looks the same, and would be read many times a second.
		end = max(end, p.reader.Begins()+stillRound)
	}
	return end
}

// turn begins the next round when this one is nearly over.
func (p *Player) turn() error {
	end := p.roundEnd()
	if p.position() < end-turnAhead {
		return nil
	}
	return p.rewind(end)
}

// rewind begins the next round at end.
func (p *Player) rewind(end time.Duration) error {
	decoded := 0
	var failure error
	for _, part := range p.parts {
		n, err := part.Result()
		decoded += n
		if err != nil {
			failure = err
		}
	}
	length := end - p.reader.Begins()
	if decoded == p.before || length <= 0 {
		if failure == nil {
			failure = av.ErrInvalidData
		}
		return p.reader.Container().Broken(fmt.Errorf("nothing could be decoded: %w", failure))
	}
	p.before = decoded
	if err := p.reader.Rewind(length); err != nil {
		return err
	}
	for _, part := range p.parts {
		if part.running {
			part.Restart()
		}
	}
	return nil
}

// length is how long the file would play a part that does not run, unless the
// kind runs in another way.
func (p *Player) length(part *part) time.Duration {
	for _, other := range p.parts {
		if other.running && other.Kind() == part.Kind() {
			return av.NoTime
		}
	}
	return p.reader.Container().Demuxer().Duration()
}

// hold lets the parts that are over fill the rest of the round.
func (p *Player) hold(position time.Duration) {
	if !p.looping() {
		return
	}
	end := p.roundEnd()
	for _, part := range p.parts {
		if part.running && !part.ended && part.Exhausted() {
			part.holds = part.Hold(position, end)
		}
	}
}

// next is when something of a part is due.
func (p *Player) next(part *part) (time.Duration, bool) {
	next, ok := part.Upcoming()
	switch {
	case ok || !part.Exhausted():
		return next, ok
	case p.looping():
		return min(part.holds, p.roundEnd()-turnAhead), true
	default:
		return part.Ends(), true
	}
}
