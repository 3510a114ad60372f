package sound

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound/stretch"
)

const (
	// Rate is of all sound between decoders and encoders.
	Rate = 48000
	// pieceSamples is how many samples of each channel are delivered at a time.
	pieceSamples = Rate / 50
	// PieceDuration is how long each piece is.
	PieceDuration = time.Second / 50
	// Slack is how far sound may be from where its time says before silence
	// is put in or samples are left out.
	Slack = 20 * time.Millisecond
	// guessedSlack is for times that a demuxer made up of a wrong sample rate.
	guessedSlack = 200 * time.Millisecond
	// stretchSlack is how far sound that may be stretched may be from where its time says.
	stretchSlack = 5 * time.Millisecond
	// mostIdle is how many pieces are kept for those that follow.
	mostIdle = 5
	// mostSilence is the longest gap that is filled. What is longer stays open.
	mostSilence = 10 * time.Second
)

// Pieces cuts sound at audioRate into pieces of 20 ms at the right positions.
type Pieces struct {
	channels int
	// slack is audioSlack where it is 0.
	slack time.Duration
	// stretcher is of sound whose times go a little faster or slower than it for a
	// while: what a live source plays later, or earlier again. nil is none.
	stretcher *stretch.Stretcher
	ready     []*media.AudioFrame

	// tail is the piece that isn't full yet, with its position.
	tail  *media.AudioFrame
	timed bool
	idle  []*media.AudioFrame
}

// ChannelsFor is how many channels pieces of sound have: as many as some encoder
// takes. What takes fewer mixes them down.
func ChannelsFor(channels int) int {
	switch {
	case channels <= 2:
		return channels
	case channels == 3:
		return 2
	case channels == 4:
		return 4
	case channels <= 6:
		return 6
	default:
		return 8
	}
}

// Add takes samples that begin at start (NoTime: where the last ended). What
// lies before earliest is left out.
func (p *Pieces) Add(samples []int16, start, earliest time.Duration) {
	p.prepare()
	if !p.timed {
		p.timed = true
		p.tail.PTS = max(start, earliest, 0)
	}
	if start != av.NoTime {
		slack := max(p.slack, Slack)
		switch gap := start - p.End(); {
		case gap >= mostSilence:
			p.Complete()
			p.prepare()
			p.tail.PTS = start
		case gap > slack:
			p.fill(make([]int16, samplesIn(gap)*p.channels))
		case gap < -slack:
			late := min(samplesIn(-gap)*p.channels, len(samples))
			samples = samples[late:]
		case p.stretcher != nil && (gap > stretchSlack || gap < -stretchSlack):
			samples = p.stretcher.Toward(samples, samplesIn(gap))
		}
	}
	p.fill(samples)
}

func (p *Pieces) fill(samples []int16) {
	for len(samples) > 0 {
		p.prepare()
		n := min(pieceSamples*p.channels-len(p.tail.Samples), len(samples))
		p.tail.Samples = append(p.tail.Samples, samples[:n]...)
		samples = samples[n:]
		if len(p.tail.Samples) == pieceSamples*p.channels {
			p.push()
		}
	}
}

// push makes the tail ready and begins the next.
func (p *Pieces) push() {
	next := p.tail.PTS + PieceDuration
	p.ready = append(p.ready, p.tail)
	p.tail = nil
	p.prepare()
	p.tail.PTS = next
}

// SetChannels is for what is added from now on.
func (p *Pieces) SetChannels(channels int) {
	if channels == p.channels {
		return
	}
	end, timed := p.End(), p.timed
	p.Complete()
	p.channels, p.idle, p.tail = channels, nil, nil
	if timed {
		p.prepare()
		p.tail.PTS = end
	}
}

// Silence adds pieces up to position that end before end, and gives where the next begins.
func (p *Pieces) Silence(position, end time.Duration) time.Duration {
	if !p.timed {
		p.prepare()
		p.timed = true
		p.tail.PTS = position
	}
	for p.End() <= position && p.tail.PTS+PieceDuration <= end {
		p.fill(make([]int16, pieceSamples*p.channels-len(p.tail.Samples)))
	}
	return p.End()
}

// Complete fills the tail with silence, and reports whether there was one.
func (p *Pieces) Complete() bool {
	if p.tail == nil || len(p.tail.Samples) == 0 {
		return false
	}
	missing := pieceSamples*p.channels - len(p.tail.Samples)
	p.tail.Samples = append(p.tail.Samples, make([]int16, missing)...)
	p.push()
	return true
}

func (p *Pieces) prepare() {
	if p.tail != nil {
		return
	}
	if n := len(p.idle); n > 0 {
		p.tail = p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.tail.Samples = p.tail.Samples[:0]
		return
	}
	p.tail = &media.AudioFrame{
		SampleRate: Rate, Channels: p.channels,
		Samples: make([]int16, 0, pieceSamples*p.channels),
	}
}

// End is the position after the last sample.
func (p *Pieces) End() time.Duration {
	if p.tail == nil {
		return 0
	}
	return p.tail.PTS + p.tail.Duration()
}

// New makes pieces of so many channels.
func New(channels int) *Pieces { return &Pieces{channels: channels} }

// Waiting is how many pieces are ready.
func (p *Pieces) Waiting() int { return len(p.ready) }

// Next is where the piece that take gives begins; false where there is none.
func (p *Pieces) Next() (time.Duration, bool) {
	if len(p.ready) == 0 {
		return 0, false
	}
	return p.ready[0].PTS, true
}

// Channels is how many channels pieces have; 0 is not known yet.
func (p *Pieces) Channels() int { return p.channels }

// Trust says how far off the times of what is added may be: not at all, or by guessedSlack.
func (p *Pieces) Trust(said bool) {
	p.slack = guessedSlack
	if said {
		p.slack = 0
	}
}

// Stretch lets sound be made a little longer or shorter where its times drift.
func (p *Pieces) Stretch() { p.stretcher = stretch.New(p.channels) }

// Take gives the piece that is ready first: lent, until recycle.
func (p *Pieces) Take() *media.AudioFrame {
	piece := p.ready[0]
	p.ready[0] = nil
	p.ready = p.ready[1:]
	return piece
}

// Recycle takes a piece back, which may be from before SetChannels.
func (p *Pieces) Recycle(piece *media.AudioFrame) {
	if piece.Channels == p.channels && len(p.idle) <= mostIdle {
		p.idle = append(p.idle, piece)
	}
}

// Clear forgets all; what comes next tells where it begins.
func (p *Pieces) Clear() {
	p.ready, p.tail, p.timed = nil, nil, false
}

func samplesIn(d time.Duration) int { return int(d.Seconds() * Rate) }
