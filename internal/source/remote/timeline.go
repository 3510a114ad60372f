package remote

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

const (
	// liveMargin is how much later than the latest packets a live stream plays, and
	// liveSlack how much more than that it may, before it catches up.
	liveMargin = 80 * time.Millisecond
	liveSlack  = 100 * time.Millisecond
	// liveWindow is how long what is late is remembered: for one to two of them.
	liveWindow = 5 * time.Second
	// settling is how long a stream that begins, or begins again after quiet, sends
	// what it has kept: only its newest is played.
	settling = time.Second
	quiet    = 700 * time.Millisecond
	// slewing is how much of the time a delay changes by while it does: what is heard
	// is stretched by no more.
	slewing = 10
	// jumpBack and jumpAhead are how far times may be from what they should be.
	jumpBack  = 500 * time.Millisecond
	jumpAhead = 2 * time.Second
)

// timeline tells when the packets of a live stream are to be played: as soon as
// they come, but evenly. It plays a packet delay after its time. That delay grows
// at once when packets come too late, slowly when they are about to, and shrinks
// slowly to what the last liveWindow or two needed, so that a stream is never more than liveMargin and liveSlack later
// than it has to be for longer than that. What then comes too late, or twice, is left out by who plays it.
//
// A segmented stream comes seconds at a time: its delay only grows, and it goes on
// at the pace at which it began.
//
// Times are since epoch; all are of the wall clock but for those in the stream.
type timeline struct {
	segmented bool
	epoch     time.Time
	delay     time.Duration
	// wanted is what delay is to become.
	wanted time.Duration
	// begun is when the stream began or began again, last when its last packet came.
	begun, last time.Duration
	known       bool
	streams     map[int]*streamTime
	// base is added to the times of streams that come new.
	base time.Duration
	// worst is the longest transit in this window, before that in the last one.
	worst, before, window time.Duration
}

// streamTime is one stream of a timeline.
type streamTime struct {
	// base is added to its times, last is what came of it, arrival when that was.
	base, last, arrival time.Duration
	transit             time.Duration
	// fresh streams begin again: their times may be any.
	fresh bool
}

func newTimeline(segmented bool, epoch time.Time) timeline {
	return timeline{segmented: segmented, epoch: epoch, streams: make(map[int]*streamTime), before: av.NoTime, worst: av.NoTime}
}

func (t *timeline) since(now time.Time) time.Duration { return now.Sub(t.epoch) }

// restart is for a stream that was opened again.
func (t *timeline) restart() {
	for _, s := range t.streams {
		s.fresh = true
	}
	t.known = false
}

// place gives a packet's time without jumps and gaps: it is due delay after that.
// begins says that the stream does, or does again. at is av.NoTime where it has none.
func (t *timeline) place(stream int, at, duration, now time.Duration) (adjusted time.Duration, begins bool) {
	s := t.streams[stream]
	if s == nil {
		s = &streamTime{fresh: true}
		t.streams[stream] = s
	}
	first := !t.known
	begins = first || !t.segmented && now-t.last > quiet
	if begins {
		t.begun = now
	}
	adjusted = t.adjust(s, first, at, duration, now)
	t.known = true
	s.fresh = false
	passed := now - t.last
	s.last, s.arrival, t.last = adjusted, now, now
	s.transit = now - adjusted
	t.follow(s, first, now, passed)
	return adjusted, begins
}

// adjust takes jumps out of a stream's times, and makes those that are missing.
func (t *timeline) adjust(s *streamTime, first bool, at, duration, now time.Duration) time.Duration {
	if duration < 0 || duration > jumpAhead {
		duration = 0
	}
	switch {
	case first:
		// It goes on where the clock is.
		if at == av.NoTime {
			at = 0
		}
		t.base = now + liveMargin - t.delay - at
		s.base = t.base
		return at + s.base
	case at == av.NoTime && s.fresh:
		return now + liveMargin - t.delay
	case at == av.NoTime && duration > 0:
		return s.last + duration
	case at == av.NoTime:
		return s.last + max(now-s.arrival, 0)
	case s.fresh:
		s.base = t.base
		return at + s.base
	}
	next := s.last + duration
	if !t.segmented {
		next = s.last + max(now-s.arrival, duration)
	}
	step := at + s.base - s.last
	if step >= -jumpBack && step <= max(now-s.arrival, duration)+jumpAhead {
		return at + s.base
	}
	s.base = t.rebase(s, at, next)
	return at + s.base
}

// rebase gives what makes next of at: what another stream that jumped with this
// one was given, so that both stay together.
func (t *timeline) rebase(s *streamTime, at, next time.Duration) time.Duration {
	if d := at + t.base - next; s.base != t.base && d > -jumpAhead && d < jumpAhead {
		return t.base
	}
	t.base = next - at
	return t.base
}

// follow keeps the delay at what is needed. passed is the time since the last packet.
func (t *timeline) follow(s *streamTime, first bool, now, passed time.Duration) {
	if first {
		t.jump(s.transit + liveMargin)
		t.window, t.worst, t.before = now, s.transit, av.NoTime
		return
	}
	t.slew(passed)
	if !t.segmented && now-t.begun < settling {
		newest := s.transit
		for _, other := range t.streams {
			if !other.fresh {
				newest = max(newest, other.transit)
			}
		}
		if target := newest + liveMargin; target < t.delay-liveMargin/4 {
			t.jump(target)
		}
		t.window, t.worst, t.before = now, newest, av.NoTime
	}
	t.worst = max(t.worst, s.transit)
	switch late := s.transit - t.delay; {
	case late > 0:
		t.jump(s.transit + liveMargin)
	case late > -liveMargin/4:
		t.wanted = max(t.wanted, s.transit+liveMargin)
	}
	if t.segmented || now-t.window < liveWindow {
		return
	}
	if needed := max(t.worst, t.before) + liveMargin; needed+liveSlack < t.delay {
		t.wanted = needed
	}
	t.window, t.worst, t.before = now, s.transit, t.worst
}

func (t *timeline) jump(delay time.Duration) { t.delay, t.wanted = delay, delay }

// slew moves the delay on to what is wanted.
func (t *timeline) slew(passed time.Duration) {
	most := max(passed, 0) / slewing
	t.delay += min(max(t.wanted-t.delay, -most), most)
}
