package feedback

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Loudness is what the packets of a stream said of their sound (RFC 6464) since the last time that it was told.
type Loudness struct {
	// Level is the loudest in -dBov, 0 to 127.
	Level uint8
	// Voice says that the sender took some of it for voice.
	Voice bool
	// RTPTimestamp and At are of the last packet.
	RTPTimestamp uint32
	At           time.Time
}

// Levels watches how loud a stream is. It costs nothing while nobody listens.
type Levels struct {
	// id is the number of the header extension; 0 is none.
	id uint8

	mu       sync.Mutex
	last     Loudness
	heard    bool
	interval time.Duration
	tell     func(Loudness)
	told     time.Time
	loudest  Loudness
	waiting  bool
}

// NewLevels watches by the header extension of that number.
func NewLevels(id uint8) *Levels { return &Levels{id: id} }

// Watch has tell called with the loudest of each interval, on the goroutine of Take; nil ends it.
func (l *Levels) Watch(interval time.Duration, tell func(Loudness)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interval, l.tell, l.waiting, l.told = interval, tell, false, time.Time{}
}

// Last is what the last packet said; false if none said anything.
func (l *Levels) Last() (Loudness, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.last, l.heard
}

// Take reads a packet that is newer than all others.
func (l *Levels) Take(packet []byte, now time.Time) {
	if l.id == 0 {
		return
	}
	value := rtpwire.Extension(packet, l.id)
	if len(value) == 0 {
		return
	}
	one := Loudness{
		Level: value[0] & 0x7f, Voice: value[0]&0x80 != 0, RTPTimestamp: binary.BigEndian.Uint32(packet[4:]), At: now,
	}
	l.mu.Lock()
	l.last, l.heard = one, true
	if l.tell == nil {
		l.mu.Unlock()

		return
	}
	if l.waiting {
		one.Level, one.Voice = min(one.Level, l.loudest.Level), one.Voice || l.loudest.Voice
	}
	l.loudest, l.waiting = one, true
	tell := l.tell
	due := now.Sub(l.told) >= l.interval
	if due {
		l.told, l.waiting = now, false
	}
	l.mu.Unlock()
	if due {
		tell(one)
	}
}
