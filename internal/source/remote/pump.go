package remote

import (
	"context"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// Bounds of what a pump reads ahead.
const (
	mostPumpedBytes   = 8 << 20
	mostPumpedPackets = 1024
	// held is how long what a live stream begins with is kept back, or begins with
	// again after quiet: a burst of what the server has kept is placed by its newest.
	held = 60 * time.Millisecond
	// againPause is how long a device that has nothing yet is left alone.
	againPause = 5 * time.Millisecond
	// mostFailed is how often reading may fail in a row.
	mostFailed = 50
)

// Logger takes lines of the log.
type Logger interface {
	Warnf(format string, args ...any)
}

// pumpSettings is what a container that blocks brings along.
type pumpSettings struct {
	// segmented streams come in pieces of seconds, of a playlist.
	segmented bool
	log       Logger
	// reopen opens a live stream again; nil where it is not to be.
	reopen func(ctx context.Context) (*av.Demuxer, error)
	// again opens a recorded one from its beginning.
	again func(ctx context.Context) (*av.Demuxer, error)
	// end makes the reason of the tracks' end of what Read failed with.
	end func(err error) error
	// silence is how long a stream of several may bring nothing before it is told of; unread is why nothing of a kind
	// can be read although it comes, sure where that will stay so, nil where that isn't known; read is told of what was read.
	silence time.Duration
	unread  func(kind media.Kind) (reason error, sure bool)
	read    func(kind media.Kind)
	// closed is called after everything else was freed.
	closed func()
}

// pump reads packets on a goroutine of its own, so that a network or a device that
// blocks holds nobody up. Its methods but interrupt are called on one goroutine.
type pump struct {
	settings pumpSettings
	live     bool
	name     string
	format   string
	streams  []av.Stream
	duration time.Duration
	indexes  map[int]av.Index
	jumps    bool
	counts   bool
	// clock is the player's, which live packets are timed by.
	clock   *media.Clock
	routine *routine.Routine
	// work tells the goroutine that something was asked of it, news the player
	// that packets or an end came.
	work, news chan struct{}
	// context ends when reading is to end.
	context context.Context
	stop    context.CancelFunc

	mu sync.Mutex
	// demuxer is nil while there is none.
	demuxer  *av.Demuxer
	stopping bool
	// begun says that packets were asked for: until then it isn't known of which streams.
	begun bool
	queue []pumped
	bytes int
	// failure comes after the packets.
	failure error
	seek    *pumpSeek
	// again says that all is to begin anew, with the active streams.
	again  bool
	active map[int]bool
	// wanted streams are read. nil after it was told to the demuxer.
	wanted map[int]bool
	// thirsty live streams take nothing before a keyframe.
	thirsty map[int]bool
	// anew streams begin again with their next packet.
	anew map[int]bool
	// losses are why nothing comes of streams.
	losses map[int]error
	// delay is the timeline's; nothing is given before release.
	delay   time.Duration
	release time.Time

	// The rest is the goroutine's.
	chosen   []av.Stream
	timeline timeline
	sources  map[int]*adopted
	pauses   pauses
	// failed counts reads in a row.
	failed int
	silent silent
}

// pumped is a packet, and when it is due but for the delay: since the pump's epoch.
type pumped struct {
	packet *av.Packet
	at     time.Duration
}

type pumpSeek struct {
	index int
	to    time.Duration
	done  chan error
}

// startPump puts a pump between the container and its demuxer, and starts it. What it opens again belongs to whom ctx belongs
// to; it does not end with ctx.
func startPump(ctx context.Context, c *container.Container, start routine.Start, inner *av.Demuxer, settings pumpSettings) {
	p := &pump{
		settings: settings, live: c.Live(), name: c.Name(), demuxer: inner,
		format: inner.Format(), streams: inner.Streams(), duration: inner.Duration(), indexes: make(map[int]av.Index), jumps: inner.Jumps(), counts: inner.Counts(),
		work: make(chan struct{}, 1), news: make(chan struct{}, 1),
		wanted: make(map[int]bool), thirsty: make(map[int]bool), anew: make(map[int]bool), active: make(map[int]bool), losses: make(map[int]error),
		timeline: newTimeline(settings.segmented, time.Now()),
	}
	for _, stream := range []*av.Stream{c.Audio(), c.Video()} {
		if stream != nil {
			p.chosen = append(p.chosen, *stream)
			if index, ok := inner.Index(*stream); ok {
				p.indexes[stream.Index] = index
			}
			// A live stream is always read, or who joins would wait for it.
			p.wanted[stream.Index] = c.Live()
		}
	}
	p.silent = newSilent(time.Now(), p.chosen)
	p.context, p.stop = context.WithCancel(recovery.Inherit(context.Background(), ctx))
	p.routine = routine.New(p.free)
	c.ReadBy(p)
	p.routine.Start(start, "read ahead "+c.Name(), p.run)
}

// Format implements demuxer.
func (p *pump) Format() string { return p.format }

// Index implements demuxer.
func (p *pump) Index(stream av.Stream) (index av.Index, ok bool) {
	index, ok = p.indexes[stream.Index]
	return index, ok
}

// Seekable implements demuxer: what blocks is not looked at ahead of its time.
func (p *pump) Seekable() bool { return false }

// Streams implements demuxer.
func (p *pump) Streams() []av.Stream { return p.streams }

// Jumps implements demuxer.
func (p *pump) Jumps() bool { return p.jumps }

// Counts implements demuxer.
func (p *pump) Counts() bool { return p.counts }

// Duration implements demuxer.
func (p *pump) Duration() time.Duration { return p.duration }

// SetActive implements demuxer.
func (p *pump) SetActive(index int, active bool) {
	if p.live {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted == nil {
		p.wanted = make(map[int]bool)
	}
	p.wanted[index], p.active[index] = active, active
	routine.Signal(p.work)
}

// Read implements demuxer. It never waits.
func (p *pump) Read() (*av.Packet, error) {
	p.mu.Lock()
	if p.again {
		// What comes until then is from before.
		defer p.mu.Unlock()
		return nil, container.ErrLater
	}
	if len(p.queue) == 0 {
		defer p.mu.Unlock()
		if !p.begun {
			p.begun = true
			routine.Signal(p.work)
		}
		if p.failure != nil {
			return nil, p.failure
		}
		return nil, container.ErrLater
	}
	now := time.Now()
	if p.live && now.Before(p.release) {
		p.mu.Unlock()
		return nil, container.ErrLater
	}
	next := p.queue[0]
	p.queue[0] = pumped{}
	p.queue = p.queue[1:]
	p.bytes -= next.packet.Size
	due := next.at + p.delay
	p.mu.Unlock()
	routine.Signal(p.work)
	if p.live {
		p.place(next, due, now)
	}
	return next.packet, nil
}

// place turns when a packet is due into a position of the player.
func (p *pump) place(next pumped, due time.Duration, now time.Time) {
	position := p.clock.Position(now) + due - p.timeline.since(now)
	if next.packet.DTS != av.NoTime {
		next.packet.Shift(position - next.packet.DTS)
	} else {
		next.packet.Shift(position - next.packet.PTS)
	}
}

// Seek implements demuxer. It waits for the network, but not after interrupt.
func (p *pump) Seek(index int, t time.Duration) error {
	request := &pumpSeek{index: index, to: t, done: make(chan error, 1)}
	p.mu.Lock()
	p.seek = request
	p.mu.Unlock()
	routine.Signal(p.work)
	select {
	case err := <-request.done:
		return err
	case <-p.context.Done():
		return av.ErrInterrupted
	}
}

// Interrupt ends the pump, without waiting for it, on any goroutine.
func (p *pump) Interrupt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopping {
		return
	}
	p.stopping = true
	p.stop()
	if p.demuxer != nil {
		p.demuxer.Interrupt(av.ErrClosed)
	}
}

// Close implements demuxer. It waits until everything is freed.
func (p *pump) Close() {
	p.Interrupt()
	p.routine.Wait()
}

func (p *pump) free() {
	p.mu.Lock()
	p.clear()
	inner := p.demuxer
	p.demuxer = nil
	p.mu.Unlock()
	if inner != nil {
		inner.Close()
	}
	if p.settings.closed != nil {
		p.settings.closed()
	}
}

// clear is called with mu held.
func (p *pump) clear() {
	for _, one := range p.queue {
		one.packet.Release()
	}
	p.queue, p.bytes = nil, 0
}

// News implements container.Pump.
func (p *pump) News() <-chan struct{} { return p.news }

// Follow implements container.Pump.
func (p *pump) Follow(clock *media.Clock) { p.clock = clock }
