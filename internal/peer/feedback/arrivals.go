package feedback

import (
	"encoding/binary"
	"math"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Arrivals counts the packets of a stream that is received (RFC 3550 appendix A).
type Arrivals struct {
	clockRate uint32
	// levelID is the number of the header extension of RFC 6464; 0 is none.
	levelID uint8
	// size reads the size of a picture; nil where there is none to be known.
	size func(payload []byte) (width, height int, ok bool)

	mu     sync.Mutex
	counts ArrivalCounts

	started       bool
	base, highest int64
	behind        Behind
	transit       float64
	rate          frameRate
	timestamp     uint32

	// newest is the newest packet, mixed are the sources that its sender says to have mixed.
	newest Source
	mixed  []Source

	// expected and came are those of the last report, and report is the server's own:
	// the middle of its time, and when it came.
	expected, came int64
	report         uint32
	reportedAt     time.Time
}

// NewArrivals counts a stream of a clock. levelID is the number of the header extension of RFC 6464, 0 for none, and size
// reads the size of a picture in an RTP payload, nil where there is none to be known.
func NewArrivals(clockRate uint32, levelID uint8, size func(payload []byte) (width, height int, ok bool)) *Arrivals {
	return &Arrivals{clockRate: clockRate, levelID: levelID, size: size}
}

// ArrivalCounts is what is known of a stream; bytes are those of payloads.
type ArrivalCounts struct {
	Packets, Bytes, HeaderBytes, Frames uint64
	// Again is what came on the stream of retransmissions (RFC 4588).
	Again rtpwire.Traffic
	Lost  int64
	// Jitter is in seconds.
	Jitter          float64
	FramesPerSecond float64
	Last            time.Time
	// Width and height are those of the last keyframe; zero is unknown.
	Width, Height int
	// Level is the last loudness in -dBov (RFC 6464), Energy and Sound are W3C's
	// totalAudioEnergy and totalSamplesDuration; Heard says that they are known.
	Heard  bool
	Level  uint8
	Energy float64
	Sound  time.Duration
}

// Take counts one packet. again says that it was sent again. It tells whether it is
// the first since the last report.
func (a *Arrivals) Take(packet []byte, again bool, now time.Time) bool {
	header, payload, ok := rtpwire.Sizes(packet)
	if !ok {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &a.counts
	c.Packets++
	c.Bytes += uint64(payload)      //nolint:gosec // never negative
	c.HeaderBytes += uint64(header) //nolint:gosec // never negative
	c.Last = now
	marker := packet[1]&0x80 != 0
	if marker {
		c.Frames++
		a.rate.add(now)
	}
	before, first := a.highest, !a.started
	a.follow(packet)
	if !again {
		if came := a.behind.Take(!first && a.highest == before, now); came > 0 {
			a.restart(packet, came)
		}
	}
	if a.size != nil {
		if width, height, ok := a.size(packet[header : header+payload]); ok {
			c.Width, c.Height = width, height
		}
	}
	var level []byte
	if a.levelID != 0 {
		level = rtpwire.Extension(packet, a.levelID)
		a.listen(packet, level, a.highest-before)
	}
	if first || a.highest > before {
		a.note(packet, level, now)
	}
	// What was sent again repairs a loss; what came twice is none.
	c.Lost = a.highest - a.base + 1 - int64(c.Packets) //nolint:gosec // far below 2^63
	if again {
		c.Again.Packets++
		c.Again.Bytes += uint64(payload) //nolint:gosec // never negative

		return false
	}
	a.measureJitter(binary.BigEndian.Uint32(packet[4:]), now)

	return a.received() == a.came+1
}

// Skip leaves one packet out: it is neither received nor lost.
func (a *Arrivals) Skip(packet []byte) {
	if _, _, ok := rtpwire.Sizes(packet); !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if before := a.highest; a.started {
		a.follow(packet)
		a.base += a.highest - before
	}
}

func (a *Arrivals) follow(packet []byte) {
	sequence := binary.BigEndian.Uint16(packet[2:])
	if !a.started {
		a.started = true
		a.base, a.highest = int64(sequence), int64(sequence)
	}
	ahead := int64(int16(sequence - uint16(a.highest))) //nolint:gosec // modulo 2^16 is meant
	a.highest = max(a.highest, a.highest+ahead)
}

// restart goes on with a stream that began anew at a lower number: its numbers are above those before, as far as they have
// 16 bits, and what came of it is all that was to come.
func (a *Arrivals) restart(packet []byte, came int) {
	ahead := int64(binary.BigEndian.Uint16(packet[2:]) - uint16(a.highest)) //nolint:gosec // modulo 2^16 is meant
	a.highest += ahead
	a.base += ahead - int64(came)
}

// listen reads how loud a packet of sound is; newer is how far it is ahead of all
// others.
func (a *Arrivals) listen(packet, value []byte, newer int64) {
	if len(value) == 0 || newer < 0 {
		return
	}
	timestamp := binary.BigEndian.Uint32(packet[4:])
	c := &a.counts
	if step := time.Duration(timestamp-a.timestamp) * time.Second / time.Duration(max(a.clockRate, 1)); newer == 1 &&
		step <= rtpwire.LongestPacket {
		// The packet before it is as long as it takes until this one.
		c.Sound += step
		c.Energy += rtpwire.LinearLevel(c.Level) * rtpwire.LinearLevel(c.Level) * step.Seconds()
	}
	if newer > 0 || !c.Heard {
		a.timestamp = timestamp
		c.Heard, c.Level = true, value[0]&0x7f
	}
}

// measureJitter is RFC 3550 section 6.4.1.
func (a *Arrivals) measureJitter(timestamp uint32, now time.Time) {
	if a.clockRate == 0 {
		return
	}
	arrived := math.Mod(float64(media.Steady(now).UnixMicro())/1e6*float64(a.clockRate), 1<<32)
	transit := arrived - float64(timestamp)
	difference := math.Abs(transit - a.transit)
	first := a.transit == 0
	a.transit = transit
	// Half of the range is a wrap, or a new beginning of the timestamps.
	if first || difference > float64(a.clockRate)*60 {
		return
	}
	a.counts.Jitter += (difference/float64(a.clockRate) - a.counts.Jitter) / 16
}

// Interval is the jitter.
func (a *Arrivals) Interval() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()

	return time.Duration(a.counts.Jitter * float64(time.Second))
}

// Read is what came so far.
func (a *Arrivals) Read(now time.Time) ArrivalCounts {
	a.mu.Lock()
	defer a.mu.Unlock()
	counts := a.counts
	counts.FramesPerSecond = a.rate.perSecond(now)

	return counts
}

// Size is that of the last keyframe; zero is unknown.
func (a *Arrivals) Size() (width, height int) {
	a.mu.Lock()
	defer a.mu.Unlock()

	return a.counts.Width, a.counts.Height
}

// frameRate counts the frames of the last whole second.
type frameRate struct {
	second         int64
	before, within int
}

func (r *frameRate) add(now time.Time) {
	r.turn(now)
	r.within++
}

func (r *frameRate) perSecond(now time.Time) float64 {
	r.turn(now)

	return float64(r.before)
}

func (r *frameRate) turn(now time.Time) {
	switch second := media.Steady(now).Unix(); {
	case second == r.second:
	case second == r.second+1:
		r.second, r.before, r.within = second, r.within, 0
	default:
		r.second, r.before, r.within = second, 0, 0
	}
}
