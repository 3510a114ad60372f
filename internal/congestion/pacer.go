package congestion

import "time"

const (
	// PacingFactor is how much faster than the estimate packets may leave: a
	// keyframe is larger than other frames (libwebrtc's).
	PacingFactor = 2.5
	// drainFactor is in its place for drainPeriod after the estimate fell.
	drainFactor = 1.1
	drainPeriod = time.Second
	// burst is what may leave at once, in time at the pacing rate (libwebrtc's).
	burst = 40 * time.Millisecond
	// leastBurst in bytes, ten packets, is what RFC 6928 lets TCP begin with.
	leastBurst = 10 * 1200
	// mostDebt is how long nothing may leave because of what left before: whatever did, and however low the rate fell
	// since (libwebrtc's).
	mostDebt = 500 * time.Millisecond
	// MostWaiting is how long packets may wait. Frames that come then are left out.
	MostWaiting = 2 * time.Second
	// shortestWait keeps a queue from waking its goroutine for every packet.
	shortestWait, longestWait = 5 * time.Millisecond, 50 * time.Millisecond
	// probeWait is as exact as timers are.
	probeWait = time.Millisecond
)

// Priority of a packet that waits.
type Priority int

// The priorities. Sound does not wait at all.
const (
	// Repair is sent again: it is late already.
	Repair Priority = iota
	Picture
	priorities
)

// Pacer spreads packets over time, so that a large frame does not fill the queues
// of the network. It is not safe for concurrent use.
type Pacer[T any] struct {
	// rate is in bytes a second.
	rate float64
	// debt is in bytes: what left ahead of its time; passed is that of what waits for nothing.
	debt, passed float64
	at           time.Time
	lines        [priorities]line[T]
	probe        *runningProbe
}

type runningProbe struct {
	Probe
	began   time.Time
	packets int
	bytes   int
}

// NewPacer paces at bits a second.
func NewPacer[T any](bitsPerSecond int) *Pacer[T] {
	p := &Pacer[T]{}
	p.SetRate(bitsPerSecond)

	return p
}

// SetRate changes the rate, in bits a second.
func (p *Pacer[T]) SetRate(bitsPerSecond int) { p.rate = max(float64(bitsPerSecond)/8, 1) }

// Ready tells whether a packet may leave at once.
func (p *Pacer[T]) Ready(now time.Time) bool {
	p.settle(now)

	return p.Empty() && p.probe == nil && p.debt <= p.allowance()
}

// Empty tells whether nothing waits.
func (p *Pacer[T]) Empty() bool {
	for i := range p.lines {
		if len(p.lines[i].waiting) > 0 {
			return false
		}
	}

	return true
}

// Waiting is how long what is added now would wait.
func (p *Pacer[T]) Waiting() time.Duration {
	return time.Duration(float64(p.Bytes()) / p.rate * float64(time.Second))
}

// Bytes are those of what waits.
func (p *Pacer[T]) Bytes() int {
	bytes := 0
	for i := range p.lines {
		bytes += p.lines[i].bytes
	}

	return bytes
}

// Packets are what waits, and what the probe that runs may ask for.
func (p *Pacer[T]) Packets() int {
	packets := 0
	for i := range p.lines {
		packets += len(p.lines[i].waiting)
	}
	if p.probe != nil {
		packets += p.probe.Packets
	}

	return packets
}

// Add lets a packet of size bytes wait. What would wait for too long is refused.
func (p *Pacer[T]) Add(packet T, size int, priority Priority, now time.Time) bool {
	// Frames are refused as a whole, before they come here; this bounds one of any size.
	if waiting := p.Waiting(); waiting > 2*MostWaiting || priority == Repair && waiting > MostWaiting {
		return false
	}
	p.settle(now)
	p.lines[priority].add(packet, size)

	return true
}

// Sent counts what leaves. probe says that it does as part of the probe that runs.
func (p *Pacer[T]) Sent(size int, now time.Time) (probe int) {
	p.settle(now)
	p.debt += float64(size)

	return p.probed(size, now)
}

// Passed counts what leaves and waits for nothing, as sound. It takes half of the rate at the most, though there may be
// more of it than the whole, for as long as it likes: the rest is for what waits.
func (p *Pacer[T]) Passed(size int, now time.Time) (probe int) {
	p.settle(now)
	p.passed += float64(size)

	return p.probed(size, now)
}

func (p *Pacer[T]) probed(size int, now time.Time) (probe int) {
	running := p.probe
	if running == nil {
		return 0
	}
	if running.packets == 0 {
		running.began = now
	}
	running.packets++
	running.bytes += size
	if running.packets >= running.Packets && running.bytes >= running.Bytes {
		p.probe = nil
	}

	return running.ID
}

// Begin begins a probe. What waits is sent faster; else Next asks for padding.
func (p *Pacer[T]) Begin(probe Probe) { p.probe = &runningProbe{Probe: probe} }

// Probing tells whether a probe runs.
func (p *Pacer[T]) Probing() bool { return p.probe != nil }

// Stop gives up a probe, where there is nothing that it could be made of.
func (p *Pacer[T]) Stop() { p.probe = nil }

// Next takes what is to leave now. padding asks for a packet of no other use.
// The caller tells Sent of either.
func (p *Pacer[T]) Next(now time.Time) (packet T, ok, padding bool) {
	p.settle(now)
	if p.wait(now) > 0 {
		return packet, false, false
	}
	for i := range p.lines {
		if packet, ok = p.lines[i].take(); ok {
			return packet, true, false
		}
	}

	return packet, false, p.probe != nil
}

// Wait tells how long nothing is to leave; false that nothing waits at all.
func (p *Pacer[T]) Wait(now time.Time) (time.Duration, bool) {
	if p.Empty() && p.probe == nil {
		return 0, false
	}
	p.settle(now)
	least := shortestWait
	if p.probe != nil {
		least = probeWait
	}

	return min(max(p.wait(now), least), longestWait), true
}

func (p *Pacer[T]) wait(now time.Time) time.Duration {
	if r := p.probe; r != nil {
		if r.packets == 0 {
			return 0
		}
		due := time.Duration(float64(r.bytes) * 8 / float64(r.Bitrate) * float64(time.Second))

		return r.began.Add(due).Sub(now)
	}
	if over := p.debt - p.allowance(); over > 0 {
		return time.Duration(over / p.rate * float64(time.Second))
	}

	return 0
}

// Drop leaves out what waits and is not to be kept.
func (p *Pacer[T]) Drop(drop func(T) bool) {
	for i := range p.lines {
		p.lines[i].drop(drop)
	}
}

func (p *Pacer[T]) allowance() float64 { return max(p.rate*burst.Seconds(), leastBurst) }

func (p *Pacer[T]) settle(now time.Time) {
	most := p.rate * mostDebt.Seconds()
	p.debt, p.passed = min(p.debt, p.allowance()+most), min(p.passed, most)
	if elapsed := now.Sub(p.at); elapsed > 0 {
		budget := p.rate * elapsed.Seconds()
		passed := min(p.passed, budget/2)
		p.passed -= passed
		p.debt = max(p.debt-(budget-passed), 0)
		p.at = now
	}
}

// line is a queue of packets and their sizes.
type line[T any] struct {
	waiting []waiting[T]
	bytes   int
}

type waiting[T any] struct {
	packet T
	size   int
}

func (l *line[T]) add(packet T, size int) {
	l.waiting = append(l.waiting, waiting[T]{packet, size})
	l.bytes += size
}

func (l *line[T]) take() (packet T, ok bool) {
	if len(l.waiting) == 0 {
		return packet, false
	}
	first := l.waiting[0]
	l.waiting[0] = waiting[T]{}
	l.waiting = l.waiting[1:]
	l.bytes -= first.size
	if len(l.waiting) == 0 {
		// Memory of a long queue is not kept.
		l.waiting = nil
	}

	return first.packet, true
}

func (l *line[T]) drop(drop func(T) bool) {
	kept := l.waiting[:0:0]
	l.bytes = 0
	for _, w := range l.waiting {
		if !drop(w.packet) {
			kept = append(kept, w)
			l.bytes += w.size
		}
	}
	l.waiting = kept
}
