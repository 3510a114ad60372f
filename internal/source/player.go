package source

import (
	"context"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
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
	kind() media.Kind
	packets() *packetQueue
	// step does one piece of work, and reports whether there was any.
	step(position time.Duration) bool
	// upcoming is the position of the next delivery.
	upcoming() (time.Duration, bool)
	// exhausted says that all of this loop was decoded, finished that it was
	// delivered too, and ends where it is over.
	exhausted() bool
	finished() bool
	ends() time.Duration
	// hold fills the time until end, where the next round begins, with silence or the
	// last picture, as far as it is due. It gives the position at which more is.
	hold(position, end time.Duration) time.Duration
	// restart is for a jump in the file, clear for one of the position too.
	restart()
	clear(position time.Duration)
	result() (decoded int, failure error)
	close()
}

// player reads, decodes and delivers a container in real time on one clock. All of
// it runs on one goroutine.
type player struct {
	output engine.Output
	loop   bool
	clock  media.Clock
	// playing says that somebody reads, moving that nobody held it when that began;
	// begun that the clock may run, because what comes first is there.
	playing, moving, begun bool

	reader *reader
	video  *videoInput
	audio  *audioInput
	parts  []*part
	// passing is what can go out as it is.
	passing *passing
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

func (p *part) passes() bool {
	_, ok := p.input.(*passInput)
	return ok
}

// newPlayer plays what c holds, which it owns. What is never passed is decodable after openDecoders.
func newPlayer(c *container.Container, loop bool) *player {
	p := &player{undecodable: make(map[media.Kind]error), loop: loop && !c.Live(), reader: newReader(c)}
	p.reader.now = p.position
	p.passing = &passing{name: c.Name()}
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
			video.loops = p.loop
			p.parts = append(p.parts, &part{input: video, unwanted: av.NoTime})
		}
	}
	return p
}

// pass lets go out as it is what can, and is wanted so (see Spec.Decode). It reads
// on a bit, until ctx ends; called before prime.
func (p *player) pass(ctx context.Context, decode *bool) {
	p.passing = newPassing(ctx, p.reader, decode)
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		if k := p.passing.kinds[kind]; k != nil && k.input != nil {
			k.input.loops = p.loop
			p.parts = append(p.parts, &part{input: k.input, unwanted: av.NoTime})
		}
	}
}

// openDecoders opens those of kinds that are chosen, to tell at once of what can't be decoded.
func (p *player) openDecoders(chosen func(kind media.Kind) bool) {
	if p.audio != nil && chosen(media.Audio) {
		if err := p.audio.open(); err != nil {
			p.undecodable[media.Audio] = err
		}
	}
	if p.video != nil && chosen(media.Video) {
		if err := p.video.open(); err != nil {
			p.undecodable[media.Video] = err
		}
	}
}

// decoded kinds are those that can't pass, and are not forced to.
func (p *player) decoded(kind media.Kind) bool {
	k := p.passing.kinds[kind]
	return !p.passing.forced() && (k == nil || k.input == nil)
}

// spared reports whether a part has no need of its decoder yet, and may never have: what
// it decodes can pass, and nobody asked for more until now.
func (p *player) spared(part *part) bool {
	return !part.used && !part.passes() && !p.decoded(part.kind()) && !p.wanted(part)
}

func (p *player) Name() string { return p.reader.container.Name() }

func (p *player) Can(kind media.Kind) error {
	if _, err := p.reader.container.Stream(kind); err != nil {
		return err
	}
	if k := p.passing.kinds[kind]; k != nil && (k.input != nil || p.passing.forced()) {
		return p.passing.can(kind)
	}
	return p.undecodable[kind]
}

func (p *player) Framerate() float64 {
	if video := p.reader.container.Video(); video != nil {
		return video.Framerate
	}
	return 0
}

func (p *player) DeliverTo(o engine.Output) { p.output = o }

// Prime decodes the beginning of a kind before anybody reads it. Called before run.
func (p *player) Prime(kind media.Kind) {
	for _, part := range p.parts {
		if part.kind() == kind && (part.passes() || !p.passing.forced()) {
			part.running = true
			p.reader.activate(part.packets(), true)
		}
	}
}

// Run plays until ctx ends or nothing is left to play. wake makes it look at
// what is wanted.
func (p *player) Run(ctx context.Context, wake <-chan struct{}) {
	container := p.reader.container
	defer recovery.AfterFunc(ctx, container.Interrupt)()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		p.follow(time.Now())
		worked := p.step()
		p.begin(worked)
		p.deliver()
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
		case <-container.News():
		case <-ctx.Done():
		}
	}
}

func (p *player) position() time.Duration { return p.clock.Position(time.Now()) }

// follow starts and stops the clock and the decoders with what is wanted.
func (p *player) follow(now time.Time) {
	p.playing = false
	for _, part := range p.parts {
		p.playing = p.playing || !part.ended && p.wanted(part)
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
		switch wanted := p.wanted(part); {
		case part.ended:
		case !wanted && !part.running:
			p.reader.keep(part.packets(), p.output.Expected(part.kind()))
		case wanted:
			part.used, part.unwanted = true, av.NoTime
			if !part.running {
				p.join(part, position)
			}
		case part.running && part.unwanted == av.NoTime:
			part.unwanted = position
		case part.running && (position-part.unwanted > leaveAfter || p.replaced(part)):
			part.running = false
			p.reader.keep(part.packets(), p.output.Expected(part.kind()))
			part.clear(position)
		}
	}
}

// wanted reports whether anybody reads the part.
func (p *player) wanted(part *part) bool {
	if pass, ok := part.input.(*passInput); ok {
		return pass.stream.wanted()
	}
	return p.output.Wanted(part.kind())
}

// replaced reports whether the kind is read from another part.
func (p *player) replaced(part *part) bool {
	for _, other := range p.parts {
		if other != part && other.kind() == part.kind() && p.wanted(other) {
			return true
		}
	}
	return false
}

// over reports whether no other part of the kind goes on, for those who read this
// one or, where nobody does yet, for whoever comes.
func (p *player) over(part *part) bool {
	for _, other := range p.parts {
		if other == part || other.kind() != part.kind() || !other.running || other.ended {
			continue
		}
		if p.wanted(other) || !p.wanted(part) {
			return false
		}
	}
	return true
}

// join begins to decode a kind where the clock is, which may need what comes
// before in the file.
func (p *player) join(part *part, position time.Duration) {
	p.reader.activate(part.packets(), true)
	part.restart()
	part.clear(position)
	part.running, part.unwanted = true, av.NoTime
	if err := p.reader.join(part.packets(), position); err != nil {
		p.reader.fail(err)
	}
}

// step decodes a little of everything, sound first, and reports whether there
// was anything to do.
func (p *player) step() bool {
	worked := false
	for _, part := range p.parts {
		if part.running && !p.spared(part) && part.step(p.position()) {
			worked = true
		}
	}
	return worked
}

// begin lets the clock run once the first of all that is wanted is there, or
// nothing more can be had at once: on a slow machine, too, a source is played
// from its start.
func (p *player) begin(worked bool) {
	if p.begun || !p.moving {
		return
	}
	for _, part := range p.parts {
		if (worked || p.reader.waits()) && part.running && p.empty(part) && !p.spared(part) {
			return
		}
	}
	p.begun = true
	p.clock.Start(time.Now())
}

// empty reports whether nothing of the part is there, and more will be.
func (p *player) empty(part *part) bool {
	_, ok := part.upcoming()
	return !ok && !part.exhausted()
}

// starved reports whether all that plays waits for the network, and the clock
// with it: what is recorded is not to miss anything.
func (p *player) starved() bool {
	if !p.reader.waits() {
		return false
	}
	hungry := false
	for _, part := range p.parts {
		if !part.running || part.ended || !p.wanted(part) {
			continue
		}
		if _, ok := part.upcoming(); ok {
			return false
		}
		// What is over waits for the others in a loop.
		hungry = hungry || !part.exhausted()
	}
	return hungry
}

// deliver hands out what is due.
func (p *player) deliver() {
	if !p.moving || !p.begun {
		return
	}
	p.hold(p.position())
	position := p.deliverPassed()
	if p.audio != nil {
		if p.Live() {
			p.audio.skip(position - lateLive)
		} else if next, ok := p.audio.upcoming(); ok && position-next > mostDelay {
			p.clock.Delay(position - next)
			position = next
		}
		for piece := p.audio.due(position); piece != nil; piece = p.audio.due(position) {
			p.output.DeliverAudio(piece)
			p.audio.recycle(piece)
		}
	}
	if p.video == nil {
		return
	}
	if frame, dropped := p.video.due(position); frame != nil {
		if late := position - frame.PTS; late > mostDelay && !p.soundPlays() && !p.Live() {
			p.clock.Delay(late)
		}
		p.output.DeliverVideo(frame, dropped)
		frame.Release()
	}
}

// deliverPassed hands out the packets that are due, and gives the position.
func (p *player) deliverPassed() time.Duration {
	now := time.Now()
	position := p.clock.Position(now)
	for _, part := range p.parts {
		pass, ok := part.input.(*passInput)
		if !ok || !part.running || part.ended {
			continue
		}
		if p.Live() {
			pass.skip(position - lateLive)
		} else if late := pass.late(position); late > mostDelay && p.waitsFor(part) {
			p.clock.Delay(late)
			position -= late
		}
		pass.deliver(position, now)
	}
	return position
}

// Live sources can't wait: what they gave too late is left out.
func (p *player) Live() bool { return p.reader.container.Live() }

// waitsFor reports whether the clock may wait for the part.
func (p *player) waitsFor(part *part) bool {
	return part.kind() == media.Audio || !p.soundPlays()
}

// soundPlays says that the clock can't wait for pictures.
func (p *player) soundPlays() bool {
	for _, part := range p.parts {
		if part.kind() == media.Audio && part.running && !part.ended {
			return true
		}
	}
	return false
}

// end deals with the end of the file, and reports whether all is over.
func (p *player) end() bool {
	running, exhausted := 0, true
	for _, part := range p.parts {
		if part.running && !part.ended {
			running++
			exhausted = exhausted && (part.exhausted() || p.spared(part))
		}
	}
	if running == 0 {
		return false
	}
	if exhausted && p.looping() {
		if err := p.turn(); err != nil {
			p.endAll(err)
			return true
		}
		return false
	}

	position := p.position()
	for _, part := range p.parts {
		if part.running && !part.ended && !p.goesOn(part) && part.finished() && position >= part.ends() {
			part.ended = true
			running--
			if p.over(part) {
				p.output.EndKind(part.kind(), p.reason(part))
			}
		}
	}
	if running > 0 {
		return false
	}
	p.endAll(p.reader.broken)
	return true
}

// endAll ends the kinds that were not played too.
func (p *player) endAll(reason error) {
	for _, part := range p.parts {
		if !part.ended {
			part.ended = true
			p.output.EndKind(part.kind(), reason)
		}
	}
}

// reason is nil for an end as it should be.
func (p *player) reason(part *part) error {
	if p.reader.broken != nil {
		return p.reader.broken
	}
	if decoded, failure := part.result(); decoded == 0 && failure != nil {
		return p.reader.container.Broken(fmt.Errorf("no %v could be decoded: %w", part.kind(), failure))
	}
	return nil
}

// wait is how long nothing is due.
func (p *player) wait() time.Duration {
	if !p.moving || !p.begun || p.starved() {
		// What is there is not due before all that is wanted is, and nobody holds it.
		return idleWait
	}
	wait, position := idleWait, p.position()
	for _, part := range p.parts {
		if !part.running || part.ended {
			continue
		}
		if next, ok := p.next(part); ok {
			wait = min(wait, next-position)
		}
	}
	return max(wait, 0)
}

// Close frees everything.
func (p *player) Close() {
	for _, part := range p.parts {
		part.close()
	}
	p.reader.close()
}
