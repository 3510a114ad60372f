package recorder

import "time"

const (
	// mostApart is how far a frame may come from when its time says, before that is taken for another clock's.
	mostApart = 2 * time.Second
	// drift is how much of the time that goes by a clock is followed by at the most: no clock is as wrong.
	drift = 0.002
	// window is how long the quickest way of a frame counts.
	window = 10 * time.Second
	// settling is how long the beginning is learned from at once, unless told otherwise.
	settling = time.Second
)

// timeline puts the frames of one track on the recorder's time. Tracks have clocks of their own, which begin
// anywhere and run a little too fast or slow. What they have in common is when their frames come: those that were held up the least
// tell where a clock stands (as RFC 5905's clock filter has it).
type timeline struct {
	settles time.Duration
	begun   bool
	first   time.Duration
	// offset is what to add to the time of a frame.
	offset      time.Duration
	lastPTS     time.Duration
	lastArrived time.Duration
	// quickest are the lowest offsets of this window and the one before.
	quickest, before time.Duration
	turned           time.Duration
}

// see is told of every frame as it comes, and gives its time. arrived counts from the beginning of the recording.
func (l *timeline) see(pts, arrived time.Duration) time.Duration {
	offset := arrived - pts
	apart := offset - l.offset
	if !l.begun || pts < l.lastPTS-mostApart || apart > mostApart || apart < -mostApart {
		*l = timeline{settles: max(l.settles, settling), begun: true, first: arrived, offset: offset, quickest: offset, before: offset, turned: arrived}
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
