package remote

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// firstPause is before the first attempt to reconnect; each next is twice as
	// long as the one before, up to longestPause.
	firstPause   = time.Second
	longestPause = 30 * time.Second
	// steadyAfter is how long a connection has to hold for the pauses to begin anew.
	steadyAfter = 10 * time.Second
)

// adopted is a stream of the demuxer that is open now, which stands for one of
// the first.
type adopted struct {
	from, to av.Stream
	// told says that a packet brought the new extradata.
	told bool
}

// adopt makes a packet one of the stream that decoders know. It reports false
// for those of others.
func (p *pump) adopt(packet *av.Packet) bool {
	if p.sources == nil {
		return true
	}
	source := p.sources[packet.Stream]
	if source == nil {
		return false
	}
	if err := packet.Adopt(source.from, source.to, !source.told); err != nil {
		return false
	}
	source.told = true
	return true
}

// pauses are those between attempts to reconnect.
type pauses struct {
	pause  time.Duration
	opened time.Time
}

// begin chooses the first pause after a drop.
func (o *pauses) begin(now time.Time) {
	if o.pause == 0 || now.Sub(o.opened) >= steadyAfter {
		o.pause = firstPause
		return
	}
	o.grow()
}

func (o *pauses) grow() { o.pause = min(2*o.pause, longestPause) }

// reconnect opens a live stream again that dropped because of err, until that
// works or the pump ends.
func (p *pump) reconnect(err error) {
	p.drop()
	if errors.Is(err, io.EOF) {
		err = errors.New("the server ended it")
	} else {
		err = p.reason(err)
	}
	for p.pauses.begin(time.Now()); ; p.pauses.grow() {
		p.settings.log.Warnf("%s dropped, is opened again in %v | %v", p.name, p.pauses.pause, err)
		if !p.pause(p.pauses.pause) {
			return
		}
		var again *av.Demuxer
		if again, err = p.settings.reopen(p.context); err != nil {
			if p.ends(err) {
				return
			}
			continue
		}
		if err = p.use(again); err == nil {
			p.settings.log.Warnf("%s is open again", p.name)
			return
		}
		again.Close()
	}
}

// ends tells whom it concerns that what is opened again is not what the server says, and reports whether that is all.
func (p *pump) ends(err error) bool {
	var told lie
	if !errors.As(err, &told) {
		return false
	}
	if told.all {
		p.fail(err)
		return true
	}
	for _, one := range p.chosen {
		if one.Kind == told.kind {
			p.lose(one.Index, err)
		}
	}
	return false
}

// drop closes the demuxer.
func (p *pump) drop() {
	p.mu.Lock()
	inner := p.demuxer
	p.demuxer = nil
	p.mu.Unlock()
	if inner != nil {
		inner.Close()
	}
}

// likest is the stream that goes on where another was: of its size if there is one, and in
// its place. nil is none of its codec.
func likest(streams []av.Stream, to av.Stream) *av.Stream {
	var found *av.Stream
	rank := func(s *av.Stream) int {
		n := 0
		if s.Width == to.Width && s.Height == to.Height {
			n += 2
		}
		if s.Index == to.Index {
			n++
		}
		return n
	}
	for i := range streams {
		from := &streams[i]
		if from.Kind == to.Kind && from.Codec == to.Codec && (found == nil || rank(from) > rank(found)) {
			found = from
		}
	}
	return found
}

// use goes on with a demuxer of what was opened again.
func (p *pump) use(again *av.Demuxer) error {
	sources := make(map[int]*adopted)
	for _, stream := range again.Streams() {
		again.SetActive(stream.Index, false)
	}
	for _, to := range p.chosen {
		from := likest(again.Streams(), to)
		if from == nil {
			return fmt.Errorf("it came back without %v in %s", to.Kind, to.Codec)
		}
		sources[from.Index] = &adopted{from: *from, to: to}
		again.SetActive(from.Index, true)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return av.ErrInterrupted
	}
	p.demuxer = again
	p.sources = sources
	p.failed = 0
	p.silent = newSilent(time.Now(), p.chosen)
	p.timeline.restart()
	p.pauses.opened = time.Now()
	for _, stream := range p.chosen {
		p.thirsty[stream.Index] = stream.Kind == media.Video
		p.anew[stream.Index] = true
	}
	return nil
}
