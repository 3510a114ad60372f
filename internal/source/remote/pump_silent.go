package remote

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// silent tells when streams of a live source brought something, since it was opened or opened again.
type silent struct {
	since time.Time
	// last is when a stream brought something, told ones were told of.
	last map[int]time.Time
	told map[int]bool
	// likely tells of each whether a packet may be of its codec.
	likely map[int]func(data []byte) bool
}

func newSilent(now time.Time, streams []av.Stream) silent {
	s := silent{since: now, last: make(map[int]time.Time), told: make(map[int]bool), likely: make(map[int]func(data []byte) bool)}
	for i := range streams {
		s.likely[streams[i].Index] = format.Likely(&streams[i])
	}
	return s
}

// listen tells of streams that bring nothing while others do. That may be as it should: a microphone that is off. What
// comes and can't be read is over; if it could be read before, the error is why all is to be opened again.
func (p *pump) listen(packet *av.Packet, now time.Time) error {
	from := packet.Stream
	if p.sources != nil {
		source := p.sources[from]
		if source == nil {
			return nil
		}
		from = source.to.Index
	}
	for _, one := range p.chosen {
		last, heard := p.silent.last[one.Index]
		if heard && now.Sub(last) < p.settings.silence/10 {
			// Not each packet is looked at.
			continue
		}
		if !heard {
			last = p.silent.since
		}
		reason, sure := p.unread(one.Kind)
		quiet := p.settings.silence > 0 && now.Sub(last) >= p.settings.silence
		// FFmpeg gives the last of a picture when no more of it came.
		if one.Index == from && (reason == nil || !quiet) && p.silent.likely[from](packet.Data()) {
			p.silent.last[from] = now
			if p.settings.read != nil {
				p.settings.read(one.Kind)
			}
			continue
		}
		switch {
		case p.Lost(one.Index) != nil:
		case reason != nil && heard && quiet && p.settings.reopen != nil:
			return reason
		case reason != nil && (quiet || sure && !heard):
			p.lose(one.Index, reason)
		case quiet && !heard && !p.silent.told[one.Index]:
			p.silent.told[one.Index] = true
			p.settings.log.Warnf("%s: nothing has come of its %v (%s) for %v, while there is other", p.name, one.Kind, one.Codec, p.settings.silence)
		}
	}
	return nil
}

func (p *pump) unread(kind media.Kind) (reason error, sure bool) {
	if p.settings.unread == nil {
		return nil, false
	}
	return p.settings.unread(kind)
}

// misled is why nothing was read lately, of what comes; nil where that isn't known.
func (p *pump) misled() error {
	for _, one := range p.chosen {
		if reason, _ := p.unread(one.Kind); reason != nil && p.Lost(one.Index) == nil {
			return reason
		}
	}
	return nil
}

func (p *pump) lose(stream int, err error) {
	p.mu.Lock()
	p.losses[stream] = err
	p.mu.Unlock()
	routine.Signal(p.news)
}

// Lost implements container.Pump.
func (p *pump) Lost(stream int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.losses[stream]
}
