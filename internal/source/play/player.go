package play

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
)

const (
	// leaveAfter is how long a kind that nobody reads is still decoded, so that
	// who comes next need not wait for it.
	leaveAfter = 500 * time.Millisecond
	// mostDelay is how late a source may be before its clock waits for it, lateLive
	// how late sound of a live one may be, whose clock waits for nothing, and is played.
	mostDelay = time.Second
	lateLive  = 500 * time.Millisecond
	// idleWait bounds the sleep when nothing is due.
	idleWait = time.Second
)

// input decodes the stream of one kind.
type input interface {
	Kind() media.Kind
	Queue() *reading.Queue
	// Passes says that what it hands out was not decoded, wanted that somebody reads it.
	Passes() bool
	Wanted() bool
	// Step does one piece of work, and reports whether there was any.
	Step(position time.Duration) bool
	// Upcoming is the position of the next delivery.
	Upcoming() (time.Duration, bool)
	// Slack is how much before Upcoming that may be handed out.
	Slack() time.Duration
	// Late is how far what comes next is behind position, skip leaves out what ends before
	// it and can be left out, and deliver hands out what is due.
	Late(position time.Duration) time.Duration
	Skip(position time.Duration)
	Deliver(ctx context.Context, position time.Duration, now time.Time)
	// Exhausted says that all of this loop was decoded, finished that it was
	// delivered too, and ends where it is over.
	Exhausted() bool
	Finished() bool
	Ends() time.Duration
	// Hold fills the time until end, where the next round begins, with silence or the
	// last picture, as far as it is due. It gives the position at which more is.
	Hold(position, end time.Duration) time.Duration
	// Restart is for a jump in the file, clear for one of the position too.
	Restart()
	Clear(position time.Duration)
	Result() (decoded int, failure error)
	// Lost is why it was over before its end, of which something was decoded before.
	Lost() error
	Close()
}

// Player reads, decodes and delivers a container in real time on one clock. All of
// it runs on one goroutine.
type Player struct {
	output engine.Output
	loop   bool
	clock  media.Clock
	// playing says that somebody reads, moving that nobody held it when that began;
	// begun that the clock may run, because what comes first is there.
	playing, moving, begun bool

	reader *reading.Reader
	video  *videoInput
	audio  *audioInput
	parts  []*part
	// passing is what can go out as it is.
	passing *passing.Choice
	// before is how much was decoded when this loop began.
	before int
	// undecodable tells for each kind that the container holds why it can't be had.
	undecodable map[media.Kind]error
}

// part is the state of an input within its player.
type part struct {
	input
	// running inputs are decoded; others begin again where the clock is then.
	running bool
	// ended inputs have told so.
	ended bool
	// unwanted is since which position nobody reads a running input.
	unwanted time.Duration
	// used says that somebody read it once.
	used bool
	// holds is the position at which an input that is over has to fill more of its round.
	holds time.Duration
}

// New plays what c holds, which it owns. What is never passed is decodable after OpenDecoders.
func New(c *container.Container, loop bool) *Player {
	p := &Player{undecodable: make(map[media.Kind]error), loop: loop && !c.Live()}
	p.reader = reading.New(c, p.position)
	p.passing = passing.None(c.Name())
	c.Follow(&p.clock)
	if c.Audio() != nil {
		if audio, err := newAudioInput(p.reader, c.Audio()); err != nil {
			p.undecodable[media.Audio] = err
		} else {
			p.audio = audio
			p.parts = append(p.parts, &part{input: audio, unwanted: av.NoTime})
		}
	}
	if c.Video() != nil {
		if video, err := newVideoInput(p.reader, c.Video()); err != nil {
			p.undecodable[media.Video] = err
		} else {
			p.video = video
			p.parts = append(p.parts, &part{input: video, unwanted: av.NoTime})
		}
	}
	return p
}

// Pass lets go out as it is what can, and is wanted so (see Spec.Decode). It reads
// on a bit, until ctx ends; called before prime.
func (p *Player) Pass(ctx context.Context, decode *bool) {
	p.passing = passing.Choose(ctx, p.reader, decode)
	var parts []*part
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		if in := p.passing.Input(kind); in != nil {
			if p.loop {
				in.Loop()
			}
			parts = append(parts, &part{input: in, unwanted: av.NoTime})
		}
	}
	p.parts = append(parts, p.parts...)
}

// OpenDecoders opens those of kinds that can't pass, to tell at once of what can't be decoded.
func (p *Player) OpenDecoders() {
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		if p.decoded(kind) {
			p.openDecoder(kind)
		}
	}
}

func (p *Player) openDecoder(kind media.Kind) {
	var err error
	switch {
	case kind == media.Audio && p.audio != nil:
		err = p.audio.open()
	case kind == media.Video && p.video != nil:
		err = p.video.open()
	}
	if err != nil {
		p.undecodable[kind] = err
	}
}

// decoded kinds are those that can't pass, and are not forced to.
func (p *Player) decoded(kind media.Kind) bool {
	return !p.passing.Forced() && p.passing.Input(kind) == nil
}

// spared reports whether a part has no need of its decoder yet, and may never have: what
// it decodes can pass, and nobody asked for more until now.
func (p *Player) spared(part *part) bool {
	return !part.used && !part.Passes() && !p.decoded(part.Kind()) && !part.Wanted()
}

func (p *Player) Name() string { return p.reader.Container().Name() }

func (p *Player) Can(kind media.Kind) error {
	if _, err := p.reader.Container().Stream(kind); err != nil {
		return err
	}
	if p.passing.Decides(kind) {
		return p.passing.Can(kind)
	}
	return p.undecodable[kind]
}

func (p *Player) Framerate() float64 {
	if video := p.reader.Container().Video(); video != nil {
		return video.Framerate
	}
	return 0
}

// DeliverTo implements engine.Engine.
func (p *Player) DeliverTo(o engine.Output) {
	p.output = o
	if p.audio != nil {
		p.audio.output = o
	}
	if p.video != nil {
		p.video.output = o
	}
}

// Prime decodes the beginning of a kind before anybody reads it. Called before run.
func (p *Player) Prime(kind media.Kind) {
	for _, part := range p.parts {
		if part.Kind() == kind && (part.Passes() || !p.passing.Forced()) {
			part.running = true
			p.reader.Activate(part.Queue(), true)
		}
	}
}

// Run plays until ctx ends or nothing is left to play. wake makes it look at
// what is wanted.
func (p *Player) Run(ctx context.Context, wake <-chan struct{}) {
	played := p.reader.Container()
	defer recovery.AfterFunc(ctx, "stop a player", played.Interrupt)()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		p.follow(time.Now())
		worked := p.step()
		p.begin(worked)
		p.deliver(ctx)
		if p.end() {
			return
		}
		if worked {
			continue
		}
		if p.starved() {
			p.clock.Stop(time.Now())
		}
		timer.Reset(p.wait())
		select {
		case <-timer.C:
		case <-wake:
		case <-played.News():
		case <-ctx.Done():
		}
	}
}

func (p *Player) position() time.Duration { return p.clock.Position(time.Now()) }

// follow starts and stops the clock and the decoders with what is wanted.
func (p *Player) follow(now time.Time) {
	p.playing = false
	for _, part := range p.parts {
		p.playing = p.playing || !part.ended && part.Wanted()
	}
	if !p.playing {
		p.clock.Stop(now)
		p.moving = false
		return
	}
	p.moving = p.moving || !p.output.Held()
	if p.begun && p.moving && !p.starved() {
		p.clock.Start(now)
	}
	position := p.clock.Position(now)
	for _, part := range p.parts {
		switch wanted := part.Wanted(); {
		case part.ended:
		case !wanted && !part.running:
			p.reader.Keep(part.Queue(), p.output.Expected(part.Kind()))
		case wanted:
			part.used, part.unwanted = true, av.NoTime
			if !part.running {
				p.join(part, position)
			}
		case part.running && part.unwanted == av.NoTime:
			part.unwanted = position
		case part.running && (position-part.unwanted > leaveAfter || p.replaced(part)):
			part.running = false
			p.reader.Keep(part.Queue(), p.output.Expected(part.Kind()))
			part.Clear(position)
		}
	}
}

// replaced reports whether the kind is read from another part.
func (p *Player) replaced(part *part) bool {
	for _, other := range p.parts {
		if other != part && other.Kind() == part.Kind() && other.Wanted() {
			return true
		}
	}
	return false
}

// join begins to decode a kind where the clock is, which may need what comes
// before in the file.
func (p *Player) join(part *part, position time.Duration) {
	p.reader.Activate(part.Queue(), true)
	part.Restart()
	part.Clear(position)
	part.running, part.unwanted = true, av.NoTime
	if err := p.reader.Join(part.Queue(), position); err != nil {
		p.reader.Fail(err)
	}
}

// step decodes a little of everything, sound first, and reports whether there
// was anything to do.
func (p *Player) step() bool {
	worked := false
	for _, part := range p.parts {
		if part.running && !p.spared(part) && part.Step(p.position()) {
			worked = true
		}
	}
	return worked
}

// begin lets the clock run once the first of all that is wanted is there, or
// nothing more can be had at once: on a slow machine, too, a source is played
// from its start.
func (p *Player) begin(worked bool) {
	if p.begun || !p.moving {
		return
	}
	for _, part := range p.parts {
		if (worked || p.reader.Waits()) && part.running && p.empty(part) && !p.spared(part) {
			return
		}
	}
	p.begun = true
	p.clock.Start(time.Now())
}

// empty reports whether nothing of the part is there, and more will be.
func (p *Player) empty(part *part) bool {
	_, ok := part.Upcoming()
	return !ok && !part.Exhausted()
}

// starved reports whether all that plays waits for the network, and the clock
// with it: what is recorded is not to miss anything.
func (p *Player) starved() bool {
	if !p.reader.Waits() {
		return false
	}
	hungry := false
	for _, part := range p.parts {
		if !part.running || part.ended || !part.Wanted() {
			continue
		}
		if _, ok := part.Upcoming(); ok {
			return false
		}
		// What is over waits for the others in a loop.
		hungry = hungry || !part.Exhausted()
	}
	return hungry
}

// Close frees everything.
func (p *Player) Close() {
	for _, part := range p.parts {
		part.Close()
	}
	p.reader.Close()
}
