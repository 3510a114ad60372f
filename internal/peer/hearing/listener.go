package hearing

import (
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
)

const (
	// silent is the lowest level, in -dBov (RFC 6464 section 3).
	silent = 127
	// voiceFlag is V of the same byte.
	voiceFlag = 0x80
	// quiet is how long after the last packet there is silence: more than between two packets of Opus' DTX.
	quiet = 500 * time.Millisecond
	// mostLate is how far behind the newest a packet may be: one that is further is of a stream that began anew.
	mostLate = 1024
)

// Options say what a listener is told.
type Options struct {
	// Interval is the least time between two levels; 0 tells none.
	Interval time.Duration
	// Voice says that speech is told of.
	Voice bool
	// Threshold is in -dBov: what is louder is taken for speech, of who has never set the flag of it.
	Threshold uint8
	// Hold is how long speech lasts after the last of it was heard.
	Hold time.Duration
}

// Observer is told, with the listener's lock held: it does not block, and does not call back.
type Observer interface {
	// Level is the loudest, in -dBov, since the last one was told, and whether there was speech in it. timestamp is that of
	// the newest packet.
	Level(level uint8, voice bool, timestamp uint32, at time.Time)
	// Voice tells that speech began, or ended.
	Voice(active bool, at time.Time)
}

// Listener is told of each packet of a stream, in time, and tells its observer what Options ask for. Silence is told once.
type Listener struct {
	observer Observer

	mu      sync.Mutex
	options Options
	ended   bool

	// newest and timestamp are the numbers of the newest packet.
	started   bool
	newest    uint16
	timestamp uint32
	behind    feedback.Behind
	// last is when the newest packet came.
	last time.Time
	// flags says that the sender tells speech from noise.
	flags bool

	// loudest and voice are of what was not told yet. told is when a level was, and toldLevel which.
	untold    bool
	loudest   uint8
	voice     bool
	told      time.Time
	toldLevel uint8

	speaking bool
	// spoke is when speech was heard last.
	spoke time.Time

	// waits says that Expire will be called.
	waits bool
}

// NewListener makes one that tells nothing before Set.
func NewListener(observer Observer) *Listener {
	return &Listener{observer: observer, toldLevel: silent}
}

// Set changes what is told from now on. Speech that was told to have begun is still told to end.
func (l *Listener) Set(options Options) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.options.Interval == 0 {
		l.untold, l.told, l.toldLevel = false, time.Time{}, silent
	}
	if !options.Voice {
		l.speaking = false
	}
	l.options = options
}

// End has nothing told after it.
func (l *Listener) End() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

// Take takes the value of the header extension of a packet. What comes late is too old to tell of. It says whether
// Expire is to be called from now on, until that says that it is not.
func (l *Listener) Take(sequence uint16, timestamp uint32, value byte, now time.Time) (waits bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ahead := int16(sequence - l.newest) //nolint:gosec // modulo 2^16 is meant
	older := l.started && ahead <= 0 && ahead > -mostLate
	if anew := l.behind.Take(older, now) > 0; l.ended || older && !anew {
		return false
	}
	l.started, l.newest, l.timestamp, l.last = true, sequence, timestamp, now
	l.flags = l.flags || value&voiceFlag != 0
	level := value &^ voiceFlag
	voice := value&voiceFlag != 0
	if !l.flags {
		voice = level < l.options.Threshold
	}
	l.hear(voice, now)
	l.measure(level, voice, now)

	if l.waits || l.deadline().IsZero() {
		return false
	}
	l.waits = true

	return true
}

// hear follows speech.
func (l *Listener) hear(voice bool, now time.Time) {
	if !l.options.Voice {
		return
	}
	if voice {
		l.spoke = now
	}
	if speaking := voice || l.speaking && now.Sub(l.spoke) < l.options.Hold; speaking != l.speaking {
		l.speaking = speaking
		l.observer.Voice(speaking, now)
	}
}

// measure tells of the loudest since the last time, when it is time.
func (l *Listener) measure(level uint8, voice bool, now time.Time) {
	if l.options.Interval == 0 {
		return
	}
	if !l.untold {
		l.untold, l.loudest, l.voice = true, silent, false
	}
	l.loudest, l.voice = min(l.loudest, level), l.voice || voice
	if first := l.told.IsZero(); first || now.Sub(l.told) >= l.options.Interval {
		l.untold = false
		// Silence that goes on is nothing new.
		if first || l.loudest != silent || l.toldLevel != silent {
			l.tell(l.loudest, l.voice, now)
		}
	}
}

func (l *Listener) tell(level uint8, voice bool, now time.Time) {
	l.told, l.toldLevel = now, level
	l.observer.Level(level, voice, l.timestamp, now)
}

// Expire tells what has ended because nothing came, and when to call it again; zero is not before Take says so.
func (l *Listener) Expire(now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		l.waits = false

		return time.Time{}
	}
	if l.speaking && now.Sub(l.spoke) >= l.options.Hold {
		l.speaking = false
		l.observer.Voice(false, now)
	}
	if l.loud() && now.Sub(l.last) >= l.quiet() {
		l.untold = false
		l.tell(silent, false, now)
	}
	at := l.deadline()
	l.waits = !at.IsZero()

	return at
}

// loud says that the last level that was told, or is to be, is not silence.
func (l *Listener) loud() bool {
	return l.options.Interval != 0 && (l.toldLevel != silent || l.untold && l.loudest != silent)
}

func (l *Listener) quiet() time.Duration { return max(quiet, l.options.Interval) }

// deadline is when something ends if nothing comes; zero is never. The mu is held.
func (l *Listener) deadline() time.Time {
	var at time.Time
	if l.speaking {
		at = l.spoke.Add(l.options.Hold)
	}
	if l.loud() {
		if end := l.last.Add(l.quiet()); at.IsZero() || end.Before(at) {
			at = end
		}
	}

	return at
}
