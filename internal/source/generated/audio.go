package generated

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound/stretch"
)

const (
	// mostQueued is how much sound may wait, and roomAgain below how much there is room again: not each piece wakes the
	// app.
	mostQueued = time.Second
	roomAgain  = 750 * time.Millisecond
	// mostLate is how much is made up for of what was not sent in time: after more the machine slept.
	mostLate = 200 * time.Millisecond
	// mostHeldBack is more than the resampler keeps of sound while more comes.
	mostHeldBack = 10 * time.Millisecond
	// wholePiece is how many samples of each channel go out at a time.
	wholePiece = int(sound.Rate * sound.PieceDuration / time.Second)
)

// epoch is the first beat of the process: all generators play a piece on each, so that they wake together.
var epoch = time.Now()

// Audio is the engine of sound that is written: it goes out by the clock, and silence does where there is none. Write,
// Clear, Mark and Queued are safe for concurrent use, and don't block for long.
type Audio struct {
	base

	mu sync.Mutex
	// written waits to be converted; unconverted is how long it is.
	written     []*frames.Frame
	unconverted time.Duration
	resampler   *av.Resampler
	// open says that the resampler may have kept some back.
	open   bool
	pieces *sound.Pieces
	// samples are how many of each channel pieces has.
	samples int
	// in is how much was ever written, marks what of it was asked for.
	in     time.Duration
	marks  []time.Duration
	full   bool
	closed bool
	// arrears is of what came late, and due when the next piece is.
	arrears arrears
	due     time.Duration

	// silence is the goroutine's.
	silence media.AudioFrame
}

// NewAudio makes one.
func NewAudio(told Told) *Audio {
	a := &Audio{base: base{kind: media.Audio, told: told}}
	a.begin(1)
	return a
}

// begin makes what comes of that many channels.
func (a *Audio) begin(channels int) {
	if a.resampler != nil {
		a.resampler.Close()
	}
	a.resampler = av.NewResampler(sound.Rate, channels)
	a.arrears.stretcher = stretch.New(channels)
	if a.pieces == nil {
		a.pieces = sound.New(channels)
	} else {
		a.pad()
		a.pieces.SetChannels(channels)
	}
}

// lengthOf is how long sound plays.
func lengthOf(f *frames.Frame) time.Duration {
	return time.Duration(f.Samples / f.SampleRate * float64(time.Second))
}

// Write borrows sound for the call.
func (a *Audio) Write(f *frames.Frame) error {
	if err := av.CheckSound(f); err != nil {
		return fmt.Errorf("generator of audio: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return ErrEnded
	case a.queued() >= mostQueued:
		a.full = true
		return ErrFull
	}
	before := a.queued()
	a.written = append(a.written, f.Retain())
	a.unconverted += lengthOf(f)
	a.arrears.written(before, a.queued())
	a.in += lengthOf(f)
	return nil
}

// queued is called with mu held.
func (a *Audio) queued() time.Duration {
	return a.unconverted + time.Duration(a.samples)*time.Second/sound.Rate
}

// Queued is how long what waits plays.
func (a *Audio) Queued() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.queued()
}

// Clear drops what waits.
func (a *Audio) Clear() {
	a.mu.Lock()
	a.drop()
	full, sent := a.look()
	a.mu.Unlock()
	if full {
		a.told.drain()
	}
	a.told.sent(sent)
}

func (a *Audio) drop() {
	for _, f := range a.written {
		f.Release()
	}
	a.written, a.unconverted, a.samples = nil, 0, 0
	a.resampler.Close()
	a.open = false
	a.pieces.Clear()
	a.arrears.forget()
}

// Mark asks for a call of Sent once what was written so far has gone out.
func (a *Audio) Mark() {
	a.mu.Lock()
	a.marks = append(a.marks, a.in)
	_, sent := a.look()
	a.mu.Unlock()
	a.told.sent(sent)
}

// look tells whether there is room for who waits, and how many marks were reached. Called with mu held.
func (a *Audio) look() (full bool, sent int) {
	queued := a.queued()
	if a.full && queued < roomAgain {
		a.full, full = false, true
	}
	nothing := queued == 0 && !a.open
	for sent < len(a.marks) && (nothing || a.marks[sent] <= a.in-queued-mostHeldBack) {
		sent++
	}
	a.marks = a.marks[sent:]
	return full, sent
}

// Run implements engine.Engine.
func (a *Audio) Run(ctx context.Context, _ <-chan struct{}) {
	beats := newBeats(time.Now())
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		first, count, wait := beats.due(time.Now())
		for i := range count {
			a.play(time.Duration(first+i) * sound.PieceDuration)
		}
		timer.Reset(wait)
	}
}

// play delivers what is due at a time, which goes on without gaps.
func (a *Audio) play(at time.Duration) {
	a.mu.Lock()
	// What was left out as the machine slept was not sent, either.
	missed := max(at-a.due, 0)
	a.due = at + sound.PieceDuration
	piece := a.next()
	if piece == nil {
		missed += sound.PieceDuration
	} else {
		a.arrears.played(sound.PieceDuration)
	}
	if missed > 0 {
		a.arrears.missed(missed)
	}
	full, sent := a.look()
	a.mu.Unlock()
	if full {
		a.told.drain()
	}
	shown := piece
	if shown == nil {
		shown = a.nothing()
	}
	if a.output.Wanted(media.Audio) {
		shown.PTS = at
		a.output.DeliverAudio(shown)
	}
	if piece != nil {
		a.mu.Lock()
		a.pieces.Recycle(piece)
		a.mu.Unlock()
	}
	a.told.sent(sent)
}

// next gives a piece of what was written, or nil. What does not fill one waits a beat for more. Called with mu held.
func (a *Audio) next() *media.AudioFrame {
	fresh := len(a.written) > 0
	for a.pieces.Waiting() == 0 && len(a.written) > 0 {
		a.convert()
	}
	if a.pieces.Waiting() == 0 && (a.samples > 0 || a.open) && !fresh {
		a.flush()
		a.pad()
	}
	if a.pieces.Waiting() == 0 {
		return nil
	}
	piece := a.pieces.Take()
	a.samples = max(a.samples-len(piece.Samples)/piece.Channels, 0)
	return piece
}

// convert takes the next frame that was written.
func (a *Audio) convert() {
	f := a.written[0]
	a.written[0] = nil
	a.written = a.written[1:]
	a.unconverted -= lengthOf(f)
	if len(a.written) == 0 {
		a.written, a.unconverted = nil, 0
	}
	if !a.resampler.Follows(f) {
		a.flush()
	}
	if channels := sound.ChannelsFor(int(f.Channels)); channels != a.pieces.Channels() {
		a.begin(channels)
	}
	// What can't be converted is left out.
	samples, _ := a.resampler.ConvertFrame(f)
	a.open = true
	a.add(samples)
	f.Release()
}

// flush takes what the resampler kept back.
func (a *Audio) flush() {
	samples, _ := a.resampler.Flush()
	a.open = false
	a.add(samples)
}

func (a *Audio) add(samples []int16) {
	channels := a.pieces.Channels()
	for part := range slices.Chunk(samples, wholePiece*channels) {
		part = a.arrears.shorten(part, channels)
		a.pieces.Add(part, av.NoTime, 0)
		a.samples += len(part) / channels
	}
}

// pad fills the last piece with silence.
func (a *Audio) pad() {
	if a.pieces.Complete() {
		a.samples = (a.samples + wholePiece - 1) / wholePiece * wholePiece
	}
}

// nothing is a piece of silence.
func (a *Audio) nothing() *media.AudioFrame {
	a.mu.Lock()
	channels := a.pieces.Channels()
	a.mu.Unlock()
	if a.silence.Channels != channels {
		a.silence = media.AudioFrame{
			SampleRate: sound.Rate, Channels: channels,
			Samples: make([]int16, wholePiece*channels),
		}
	}
	return &a.silence
}

// Close implements engine.Engine.
func (a *Audio) Close() {
	a.mu.Lock()
	a.closed = true
	a.drop()
	a.mu.Unlock()
	a.told.closed()
}
