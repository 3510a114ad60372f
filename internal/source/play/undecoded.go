package play

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// mostUndecoded is for how long a decoder may be given what it makes nothing of, before that is its kind's end:
	// what is damaged is over sooner, but no demuxer tells of each codec that becomes another.
	mostUndecoded = 10 * time.Second
	// mostUnbegun is for how long nothing may come that a decoder could begin with: who joins a live stream, or one that
	// was cut, waits for the next keyframe.
	mostUnbegun = 2 * time.Minute
	// leastUndecoded and leastPackets are how much of that at the end of the source is no damage.
	leastUndecoded = 500 * time.Millisecond
	leastPackets   = 8
)

// undecoded is what a decoder was given since it made something of it.
type undecoded struct {
	// begun says that it should make something of it: there was a keyframe, or what is not of its codec.
	begun       bool
	packets     int
	since, last time.Duration
	failure     error
}

// given counts a packet of a time, and reports whether there were too many. begins says that a decoder could begin with it,
// or never can.
func (u *undecoded) given(p *av.Packet, begins bool) (tooMany bool) {
	at := p.Time()
	if at == av.NoTime {
		return false
	}
	if begins && !u.begun {
		u.begun, u.packets = true, 0
	}
	if u.packets == 0 || at < u.since {
		u.since = at
	}
	u.packets++
	u.last = at
	most := mostUnbegun
	if u.begun {
		most = mostUndecoded
	}
	return u.packets >= leastPackets && u.last-u.since > most
}

// none forgets what was given: something was made of it.
func (u *undecoded) none() { *u = undecoded{begun: true} }

// restart is for packets from elsewhere in the file.
func (u *undecoded) restart() { *u = undecoded{} }

// reason is why a kind was over that something was decoded of before; nil where all was.
func (u *undecoded) reason(kind media.Kind) error {
	if u.packets < leastPackets || u.last-u.since < leastUndecoded {
		return nil
	}
	failure := u.failure
	if failure == nil {
		failure = av.ErrInvalidData
	}
	length := (u.last - u.since).Round(100 * time.Millisecond)
	if !u.begun {
		return fmt.Errorf("no keyframe came in %v of its %v: %w", length, kind, failure)
	}
	return fmt.Errorf("no %v could be decoded of its last %v, which may be coded in another way: %w", kind, length, failure)
}
