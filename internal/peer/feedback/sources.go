package feedback

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

const (
	// sourceAge is how long a source is told of, and mostMixed how many are remembered.
	sourceAge = 10 * time.Second
	mostMixed = 64
)

// Source is who is heard in a stream: W3C's RTCRtpContributingSource.
type Source struct {
	SSRC uint32
	// Timestamp is the RTP timestamp of its newest packet, which came At a time.
	Timestamp uint32
	At        time.Time
	// Level is the value of the header extension of RFC 6464, if that packet Has it.
	Level    byte
	HasLevel bool
}

// note remembers the newest packet; level is its header extension.
func (a *Arrivals) note(packet, level []byte, now time.Time) {
	const fixed = 12
	a.newest = Source{
		SSRC: binary.BigEndian.Uint32(packet[8:]), Timestamp: binary.BigEndian.Uint32(packet[4:]), At: now,
	}
	if len(level) > 0 {
		a.newest.Level, a.newest.HasLevel = level[0], true
	}
	for i := range int(packet[0] & 0x0f) {
		a.mix(Source{
			SSRC: binary.BigEndian.Uint32(packet[fixed+4*i:]), Timestamp: a.newest.Timestamp, At: now,
		})
	}
}

// mix remembers a source that was mixed, in the place of the oldest if there are too many.
func (a *Arrivals) mix(source Source) {
	at := slices.IndexFunc(a.mixed, func(s Source) bool { return s.SSRC == source.SSRC })
	if at < 0 && len(a.mixed) < mostMixed {
		a.mixed = append(a.mixed, source)

		return
	}
	if at < 0 {
		at = 0
		for i, s := range a.mixed {
			if s.At.Before(a.mixed[at].At) {
				at = i
			}
		}
	}
	a.mixed[at] = source
}

// Sources are those that were heard within the last ten seconds: the stream's own, and those that were mixed, the
// newest first.
func (a *Arrivals) Sources(now time.Time) (own, mixed []Source) {
	a.mu.Lock()
	defer a.mu.Unlock()
	recent := func(s Source) bool { return !s.At.IsZero() && now.Sub(s.At) < sourceAge }
	if recent(a.newest) {
		own = []Source{a.newest}
	}
	for _, s := range a.mixed {
		if recent(s) {
			mixed = append(mixed, s)
		}
	}
	slices.SortStableFunc(mixed, func(a, b Source) int { return cmp.Compare(b.At.UnixNano(), a.At.UnixNano()) })

	return own, mixed
}
