package recorder

import "time"

const (
	// mostApart is how far a frame may come from when its time says, before that is taken for another clock's.
	mostApart = 2 * time.Second
	// drift is how much of the time that goes by a clock is followed by at the most: no clock is as wrong.
	drift = 0.002
	// window is how long the quickest way of a frame counts.
	window = 10 * time.Second
	// mostHeldUp is how long frames are held up on their way: later ones are of a clock that stood still.
	mostHeldUp = 10 * time.Second
	// mostReordered is how far the times of a track go back in the order of its frames.
	mostReordered = 250 * time.Millisecond
	// persistence is how long frames have to stay as late before their clock is taken for another: what was held up catches up.
	persistence = time.Second
	// catchingUp is by how much less late frames show that they do.
	catchingUp = 50 * time.Millisecond
	// settling is how long the beginning is learned from at once, unless told otherwise.
	settling = time.Second
)

// timeline puts the frames of one track on the recorder's time. Tracks have clocks of their own, which begin
// anywhere and run a little too fast or slow. What they have in common is when their frames come: those that were held up the least
// tell where a clock stands (as RFC 5905's clock filter has it).
type timeline struct {
	settles time.Duration
	// many tracks have this clock: one of them may be older than another, and has not begun anew.
	many  bool
	begun bool
	first time.Duration
	// offset is what to add to the time of a frame.
	offset      time.Duration
	lastPTS     time.Duration
	lastArrived time.Duration
	// quickest are the lowest offsets of this window and the one before.
	quickest, before time.Duration
	turned           time.Duration
	late             lateness
}

// lateness is since when frames are too late, and by how much at the least.
type lateness struct {
	is           bool
	since, least time.Duration
}

// stays says that frames are as late for long.
func (l *lateness) stays(offset, arrived time.Duration) bool {
	if !l.is || offset < l.least-catchingUp {
		*l = lateness{true, arrived, offset}
	}

	return arrived-l.since >= persistence
}

// isAnother says that a frame which is late by so much, and of a time so long before the last one's, is of a clock that began anew:
// what was held up comes in order.
func isAnother(late, back time.Duration) bool {
	return back > mostApart || late > mostHeldUp || late > mostApart && back > mostReordered
}

// see is told of every frame as it comes, and gives its time. arrived counts from the beginning of the recording.
func (l *timeline) see(pts, arrived time.Duration) time.Duration {
	offset := arrived - pts
	apart := offset - l.offset
	anew := !l.begun || apart < -mostApart || !l.many && isAnother(apart, l.lastPTS-pts)
	if apart > mostApart && !anew {
		if !l.late.stays(offset, arrived) {
			return pts + l.offset
		}
		anew = true
	}
	l.late = lateness{}
	if anew {
		*l = timeline{many: l.many, settles: max(l.settles, settling), begun: true, first: arrived, offset: offset, quickest: offset, before: offset, turned: arrived}
	}
	if arrived-l.turned >= window {
		l.before, l.quickest, l.turned = l.quickest, offset, arrived
	}
	l.quickest = min(l.quickest, offset)
	target := min(l.quickest, l.before)
	switch step := time.Duration(float64(max(arrived-l.lastArrived, 0)) * drift); {
	case arrived-l.first < l.settles && target < l.offset:
		l.offset = target
	case target < l.offset:
		l.offset -= min(step, l.offset-target)
	default:
		l.offset += min(step, target-l.offset)
	}
	l.lastPTS, l.lastArrived = pts, arrived

	return pts + l.offset
}
