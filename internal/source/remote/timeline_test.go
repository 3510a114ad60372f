package remote

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

const frame = 40 * time.Millisecond

// feed lets packets of a stream of 25 a second come, each transit after its time,
// and gives when the last is due.
type feed struct {
	timeline timeline
	at, now  time.Duration
}

func newFeed(segmented bool) *feed {
	return &feed{timeline: newTimeline(segmented, time.Now()), now: time.Hour}
}

// place lets the next packet come and gives how long after it came it is due.
func (f *feed) place() time.Duration {
	due := f.timeline.due(0, f.at, frame, f.now)
	f.at += frame
	return due - f.now
}

// run lets packets come on time for d, and checks each.
func (f *feed) run(t *testing.T, d time.Duration, check func(wait time.Duration) bool) {
	t.Helper()
	for range d / frame {
		f.now += frame
		if wait := f.place(); !check(wait) {
			t.Fatalf("due %v after it came", wait)
		}
	}
}

func within(least, most time.Duration) func(time.Duration) bool {
	return func(d time.Duration) bool { return d >= least && d <= most }
}

func TestALiveStreamBeginsAtItsNewest(t *testing.T) {
	f := newFeed(false)
	// Three seconds that the server kept come at once.
	for range 75 {
		f.now += time.Millisecond
		f.place()
	}
	f.run(t, time.Minute, within(0, liveMargin+liveSlack))
}

func TestALiveStreamPlaysEvenly(t *testing.T) {
	f := newFeed(false)
	f.run(t, 2*time.Second, within(0, liveMargin+liveSlack))
	last := f.timeline.due(0, f.at, frame, f.now+frame)
	for i := range 500 {
		f.at += frame
		f.now += frame
		jitter := time.Duration(i%3) * 10 * time.Millisecond
		due := f.timeline.due(0, f.at, frame, f.now+frame+jitter)
		if due-last != frame {
			t.Fatalf("packet %d is due %v after the one before", i, due-last)
		}
		last = due
	}
}

func TestADelayShrinksAgain(t *testing.T) {
	f := newFeed(false)
	f.run(t, 10*time.Second, within(0, liveMargin+liveSlack))
	// 300 ms late for a moment: the stream has to wait, and catches up later.
	f.now += 300 * time.Millisecond
	if wait := f.place(); wait < liveMargin {
		t.Errorf("due %v after it came", wait)
	}
	f.now -= 300 * time.Millisecond
	f.run(t, 2*liveWindow+4*time.Second, within(0, 300*time.Millisecond+liveMargin+liveSlack))
	f.run(t, time.Minute, within(0, liveMargin+liveSlack))
}

func TestADelayChangesSlowlyWhereNothingIsLate(t *testing.T) {
	f := newFeed(false)
	f.run(t, 5*time.Second, within(0, liveMargin+liveSlack))
	last := f.timeline.due(0, f.at, frame, f.now)
	least, most := frame, frame
	transit := time.Duration(0)
	for i := range 25 * 40 {
		f.at += frame
		f.now += frame
		// The way becomes longer by 200 ms, and short again.
		switch {
		case i < 100:
		case i < 300:
			transit += time.Millisecond
		case i < 320:
			transit -= 10 * time.Millisecond
		}
		due := f.timeline.due(0, f.at, frame, f.now+transit)
		if due < f.now+transit {
			t.Fatalf("packet %d is due %v before it came", i, f.now+transit-due)
		}
		least, most = min(least, due-last), max(most, due-last)
		last = due
	}
	if step := frame / slewing; least < frame-2*step || most > frame+2*step {
		t.Errorf("packets are due %v to %v after the one before", least, most)
	}
	if least == frame || most == frame {
		t.Error("the delay did not change")
	}
	if wait := last - f.now; wait > liveMargin+liveSlack {
		t.Errorf("due %v after it came at the end", wait)
	}
}

func TestAStreamThatWasQuietGoesOnAtItsNewest(t *testing.T) {
	f := newFeed(false)
	f.run(t, 10*time.Second, within(0, liveMargin+liveSlack))
	f.now += 8 * time.Second
	for range 200 {
		f.now += time.Millisecond
		f.place()
	}
	f.run(t, 20*time.Second, within(0, liveMargin+liveSlack))
}

func TestClocksThatDriftDoNotMatter(t *testing.T) {
	for _, tick := range []time.Duration{frame - 200*time.Microsecond, frame + 200*time.Microsecond} {
		f := newFeed(false)
		f.run(t, 5*time.Second, within(0, liveMargin+liveSlack))
		for range 25 * 600 {
			f.now += tick
			if wait := f.place(); wait < 0 || wait > 2*liveMargin+2*liveSlack {
				t.Fatalf("due %v after it came", wait)
			}
		}
	}
}

func TestTimesThatJumpGoOn(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, -time.Second, 3 * time.Second, 26 * time.Hour} {
		f := newFeed(false)
		f.run(t, 5*time.Second, within(0, liveMargin+liveSlack))
		f.at += jump
		f.run(t, 20*time.Second, within(0, liveMargin+liveSlack))
	}
}

func TestStreamsThatJumpTogetherStayTogether(t *testing.T) {
	line := newTimeline(false, time.Now())
	var sound, picture time.Duration
	var now, at time.Duration
	for i := range 500 {
		at, now = at+frame, now+frame
		if i == 250 {
			at -= time.Hour
		}
		sound, _ = line.place(0, at, frame, now)
		// Pictures lie 10 ms after the sound, in the stream.
		picture, _ = line.place(1, at+10*time.Millisecond, frame, now)
		if d := picture - sound; d < 5*time.Millisecond || d > 15*time.Millisecond {
			t.Fatalf("packet %d: %v apart", i, d)
		}
	}
}

// Containers do not cut all streams at once: sound jumps some packets before pictures do.
func TestStreamsThatAreCutOneAfterTheOtherStayTogether(t *testing.T) {
	for _, segmented := range []bool{false, true} {
		for _, jump := range []time.Duration{-time.Hour, -3 * time.Second, 10 * time.Second, 2 * time.Hour, -(1 << 33) * time.Second / 90_000} {
			line := newTimeline(segmented, time.Now())
			at, now := 30*time.Hour, time.Duration(0)
			var sound, picture time.Duration
			for i := range 500 {
				at, now = at+frame, now+frame
				from := at
				if i >= 250 {
					from += jump
				}
				sound = line.due(0, from, frame, now)
				if i >= 250 && i < 255 {
					// Pictures of before the cut.
					picture = line.due(1, at, frame, now)
				} else {
					picture = line.due(1, from, frame, now)
				}
				if d := picture - sound; d < -frame || d > frame {
					t.Fatalf("jump of %v, packet %d: %v apart", jump, i, d)
				}
				if wait := sound - now; wait < 0 || wait > liveMargin+liveSlack+frame {
					t.Fatalf("jump of %v, packet %d: due %v after it came", jump, i, wait)
				}
			}
		}
	}
}

func TestAStreamThatJumpsAloneGoesOn(t *testing.T) {
	for _, jump := range []time.Duration{-time.Hour, -3 * time.Second, 10 * time.Second, 2 * time.Hour} {
		line := newTimeline(false, time.Now())
		var at, now time.Duration
		for i := range 500 {
			at, now = at+frame, now+frame
			from := at
			if i >= 250 {
				from += jump
			}
			sound, picture := line.due(0, from, frame, now), line.due(1, at, frame, now)
			if d := picture - sound; d < -frame || d > frame {
				t.Fatalf("jump of %v, packet %d: %v apart", jump, i, d)
			}
		}
	}
}

func TestMissingTimesAreMadeUp(t *testing.T) {
	f := newFeed(false)
	f.run(t, 5*time.Second, within(0, liveMargin+liveSlack))
	for range 100 {
		f.now += frame
		due := f.timeline.due(0, av.NoTime, frame, f.now)
		if wait := due - f.now; wait < 0 || wait > liveMargin+liveSlack {
			t.Fatalf("due %v after it came", wait)
		}
	}
	none := newFeed(false)
	for range 100 {
		none.now += frame
		due := none.timeline.due(0, av.NoTime, 0, none.now)
		if wait := due - none.now; wait < 0 || wait > liveMargin+liveSlack {
			t.Fatalf("without any time: due %v after it came", wait)
		}
	}
}

func TestSegmentsKeepTheirPace(t *testing.T) {
	f := newFeed(true)
	last := f.timeline.due(0, f.at, frame, f.now)
	// Two segments are there, then one comes every two seconds.
	for segment := range 100 {
		for range 50 {
			f.at += frame
			due := f.timeline.due(0, f.at, frame, f.now)
			if due-last != frame {
				t.Fatalf("segment %d: due %v after the one before", segment, due-last)
			}
			last = due
		}
		if segment > 0 {
			f.now += 2 * time.Second
		}
	}
}

func TestAStreamThatWasOpenedAgainGoesOnNow(t *testing.T) {
	for _, segmented := range []bool{false, true} {
		f := newFeed(segmented)
		f.run(t, 5*time.Second, within(0, liveMargin+liveSlack))
		last, _ := f.timeline.place(0, f.at, frame, f.now)
		f.timeline.restart()
		f.now += 3 * time.Second
		f.at = 0
		adjusted, _ := f.timeline.place(0, f.at, frame, f.now)
		due := adjusted + f.timeline.delay
		if wait := due - f.now; wait < 0 || wait > liveMargin+liveSlack || adjusted <= last {
			t.Errorf("due %v after it came, at %v after %v", wait, adjusted, last)
		}
		f.at += frame
		f.run(t, 5*time.Second, within(0, liveMargin+liveSlack))
	}
}

// due is when a packet is due as far as is known when it comes.
func (t *timeline) due(stream int, at, duration, now time.Duration) time.Duration {
	adjusted, _ := t.place(stream, at, duration, now)
	return adjusted + t.delay
}
