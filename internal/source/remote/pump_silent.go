package remote

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// silent are the streams of a live source of which nothing has come yet.
type silent struct {
	since time.Time
	// heard streams brought something, told ones were told of.
	heard, told map[int]bool
	// likely tells of each whether a packet may be of its codec.
	likely map[int]func(data []byte) bool
}

func newSilent(now time.Time, streams []av.Stream) silent {
	s := silent{since: now, heard: make(map[int]bool), told: make(map[int]bool), likely: make(map[int]func(data []byte) bool)}
	for i := range streams {
		s.likely[streams[i].Index] = format.Likely(&streams[i])
	}
	return s
}

// listen tells of streams that bring nothing while others do. That may be as it should: a microphone that is off. What
// comes and can't be read is over.
func (p *pump) listen(packet *av.Packet, now time.Time) {
	stream := packet.Stream
	if likely := p.silent.likely[stream]; p.sources == nil && !p.silent.heard[stream] && likely != nil && likely(packet.Data()) {
		p.silent.heard[stream] = true
	}
	if p.settings.silence <= 0 || now.Sub(p.silent.since) < p.settings.silence {
		return
	}
	for _, one := range p.chosen {
		if p.silent.heard[one.Index] || p.silent.told[one.Index] {
			continue
		}
		p.silent.told[one.Index] = true
		if err := p.unread(one.Kind); err != nil {
			p.lose(one.Index, err)
			continue
		}
		p.settings.log.Warnf("%s: nothing has come of its %v (%s) for %v, while there is other", p.name, one.Kind, one.Codec, p.settings.silence)
	}
}

func (p *pump) unread(kind media.Kind) error {
	if p.settings.unread == nil {
		return nil
	}
	return p.settings.unread(kind)
}

// misled is why nothing at all was ever read, of what comes; nil where something was, or that isn't known.
func (p *pump) misled() error {
	if len(p.silent.heard) > 0 {
		return nil
	}
	for _, one := range p.chosen {
		if err := p.unread(one.Kind); err != nil {
			return err
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
