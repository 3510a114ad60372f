package hearing

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// ear is an observer that writes down what it is told, and when.
type ear struct {
	begin time.Time
	told  []string
}

func (e *ear) Level(level uint8, voice bool, timestamp uint32, at time.Time) {
	e.told = append(e.told, fmt.Sprintf("%d: level %d %v %d", at.Sub(e.begin).Milliseconds(), level, voice, timestamp))
}

func (e *ear) Voice(active bool, at time.Time) {
	e.told = append(e.told, fmt.Sprintf("%d: voice %v", at.Sub(e.begin).Milliseconds(), active))
}

// talk is a stream of packets of 20 ms, and the clock that goes with it.
type talk struct {
	t        *testing.T
	ear      *ear
	listener *Listener
	sequence uint16
	now      time.Time
	// wake is when the listener wants to be called.
	wake time.Time
}

func newTalk(t *testing.T, options Options) *talk {
	t.Helper()
	begin := time.Unix(1_000_000, 0)
	e := &ear{begin: begin}
	// The numbers turn over on the way.
	s := &talk{t: t, ear: e, listener: NewListener(e), sequence: 65530, now: begin}
	s.listener.Set(options)

	return s
}

func (s *talk) say(values ...byte) {
	for _, value := range values {
		if s.listener.Take(s.sequence, uint32(s.sequence), value, s.now) {
			if !s.wake.IsZero() {
				s.t.Error("asked to wait while it waits")
			}
			s.wake = s.now
		}
		s.sequence++
		s.pass(20 * time.Millisecond)
	}
}

// pass lets time pass, and the listener be called when it wants to.
func (s *talk) pass(d time.Duration) {
	end := s.now.Add(d)
	for !s.wake.IsZero() && !s.wake.After(end) {
		s.now = s.wake
		s.wake = s.listener.Expire(s.now)
		if !s.wake.IsZero() && !s.wake.After(s.now) {
			s.t.Fatal("it would be called for ever")
		}
	}
	s.now = end
}

func (s *talk) expect(want ...string) {
	s.t.Helper()
	if !slices.Equal(s.ear.told, want) {
		s.t.Errorf("told %q, want %q", s.ear.told, want)
	}
	s.ear.told = nil
}

func repeat(value byte, n int) []byte { return slices.Repeat([]byte{value}, n) }

const flagged = voiceFlag

func TestTheLoudestOfEachIntervalIsTold(t *testing.T) {
	s := newTalk(t, Options{Interval: 100 * time.Millisecond, Threshold: 50})
	s.say(90, 30|flagged, 60, 127, 50, 80, 81, 82)
	s.expect("0: level 90 false 65530", "100: level 30 true 65535")
}

func TestSilenceIsToldOnce(t *testing.T) {
	s := newTalk(t, Options{Interval: 100 * time.Millisecond})
	s.say(repeat(127, 50)...)
	s.expect("0: level 127 false 65530")
	if !s.wake.IsZero() {
		t.Error("it waits, though there is nothing that could end")
	}
	s.say(10, 10)
	s.say(repeat(127, 20)...)
	s.expect("1000: level 10 false 44", "1100: level 10 false 49", "1200: level 127 false 54")
}

func TestWhereNothingComesAnyMoreThereIsSilence(t *testing.T) {
	s := newTalk(t, Options{Interval: 100 * time.Millisecond, Voice: true, Hold: 300 * time.Millisecond})
	s.say(20|flagged, 25|flagged)
	s.pass(10 * time.Second)
	s.expect("0: voice true", "0: level 20 true 65530", "320: voice false", "520: level 127 false 65531")
	s.say(20 | flagged)
	s.expect("10040: voice true", "10040: level 20 true 65532")
}

func TestSpeechLastsOverPauses(t *testing.T) {
	s := newTalk(t, Options{Voice: true, Hold: 300 * time.Millisecond})
	for range 3 {
		s.say(20 | flagged)
		s.say(repeat(100, 10)...)
	}
	s.say(repeat(100, 10)...)
	s.expect("0: voice true", "740: voice false")
}

func TestTheFlagIsTrustedFromItsFirstTimeOn(t *testing.T) {
	s := newTalk(t, Options{Voice: true, Threshold: 50, Hold: 40 * time.Millisecond})
	s.say(50, 51, 127)
	s.expect()
	s.say(49, 127, 127, 127)
	s.expect("60: voice true", "100: voice false")
	s.say(20|flagged, 127, 127, 127)
	s.expect("140: voice true", "180: voice false")
	// As loud, but its sender has said what it takes for speech: noise is none.
	s.say(20, 20, 20)
	s.expect()
}

func TestWhatComesLateTellsNothing(t *testing.T) {
	s := newTalk(t, Options{Interval: 20 * time.Millisecond, Voice: true, Threshold: 50, Hold: time.Second})
	s.say(90, 91, 92)
	s.ear.told = nil
	for _, late := range []uint16{s.sequence - 1, s.sequence - 2, s.sequence - mostLate + 1} {
		s.listener.Take(late, 7, 1|flagged, s.now)
	}
	s.expect()
	// One that began anew is no late one.
	s.sequence -= 5000
	s.say(93)
	s.expect("60: level 93 false 60533")
}

func TestAStreamThatBeginsAnewALittleBehindIsHeard(t *testing.T) {
	s := newTalk(t, Options{Voice: true, Hold: 10 * time.Second})
	s.say(repeat(90, 900)...)
	s.sequence -= 900
	s.say(repeat(20|flagged, 60)...)
	s.expect("19000: voice true")
}

func TestNothingIsToldOfWhatNobodyAskedFor(t *testing.T) {
	s := newTalk(t, Options{})
	s.say(1|flagged, 127, 3|flagged)
	s.expect()
	s.listener.Set(Options{Voice: true, Hold: time.Second})
	s.say(1 | flagged)
	s.expect("60: voice true")
	// Levels begin with the next packet, and speech is not begun twice.
	s.listener.Set(Options{Voice: true, Hold: time.Second, Interval: 100 * time.Millisecond})
	s.say(2 | flagged)
	s.expect("80: level 2 true 65534")
	s.listener.Set(Options{Interval: 100 * time.Millisecond})
	s.pass(400 * time.Millisecond)
	s.expect()
	s.listener.End()
	s.say(3|flagged, 3|flagged)
	s.pass(time.Minute)
	s.expect()
	if !s.wake.IsZero() {
		t.Error("what has ended waits")
	}
}
