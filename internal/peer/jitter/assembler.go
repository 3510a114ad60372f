package jitter

import (
	"bytes"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// maxFrameSize bounds a frame that never ends, in bytes.
const maxFrameSize = 8 << 20

// mostLeap is how far timestamps may leap that have not begun anew, if the packets do not come as far apart.
const mostLeap = time.Minute

// Assembler makes frames of the RTP packets of a stream. Frames of video are
// delivered whole, and only where all that they may refer to was delivered.
type Assembler struct {
	codec        media.Codec
	video        bool
	clockRate    int64
	buffer       *jitterBuffer
	depacketizer depacketizer

	// broken is set while frames lack what they refer to.
	broken bool
	// dropping leaves out the rest of a frame with a hole.
	dropping bool
	// follows says that the packet before the next one was handed out too.
	follows bool
	frame   []byte
	// lost is how many packets of sound are missing before the next one.
	lost int
	// arrived is when the first packet of frame came.
	arrived time.Time

	started bool
	// continues says that the times were another's before.
	continues     bool
	lastTimestamp uint32
	lastArrived   time.Time
	elapsed       int64

	counts *Counts
}

// Counts is what came of the packets of a stream while it was read. It is
// safe for concurrent use.
type Counts struct {
	// dropped frames of video were not whole, or lacked what they refer to.
	dropped atomic.Uint64
	// emitted counts frames of video and samples of sound; delay is how many
	// nanoseconds they waited for others, all together.
	emitted, delay atomic.Uint64
	// discarded packets came after they were given up.
	discarded atomic.Uint64
}

// Read is what Counts are at a time: frames of video that were dropped, frames of video or samples of sound that
// were given out and how long they waited all together, and packets that came too late.
type Read struct {
	Dropped, Emitted, Discarded uint64
	Delay                       time.Duration
}

// Read is what came so far.
func (c *Counts) Read() Read {
	return Read{
		Dropped: c.dropped.Load(), Emitted: c.emitted.Load(), Discarded: c.discarded.Load(),
		Delay: time.Duration(c.delay.Load()), //nolint:gosec // below 2^63
	}
}

// NewAssembler makes one of a stream that begins with its first packet. It is of one goroutine; counts may be read by others.
func NewAssembler(codec media.Codec, p *Patience, counts *Counts) (*Assembler, error) {
	d, err := newDepacketizer(codec)
	if err != nil {
		return nil, err
	}
	a := &Assembler{
		codec: codec, depacketizer: d, clockRate: int64(max(codec.ClockRate, 1)), counts: counts,
		video: strings.HasPrefix(strings.ToLower(codec.MimeType), "video/"),
	}
	window := audioWindow
	if a.video {
		window = videoWindow
	}
	a.buffer = newJitterBuffer(window, p, counts)

	return a, nil
}

// Join says that the stream may have begun before: what comes may refer to what was not read.
func (a *Assembler) Join() { a.broken = a.video }

// Continue has its times go on where those of the one before end, of which it has the readers.
func (a *Assembler) Continue(before *Assembler) {
	if before != nil && before.started {
		a.continues, a.elapsed = true, before.elapsed
		a.lastTimestamp, a.lastArrived = before.lastTimestamp, before.lastArrived
	}
}

// IsBroken says that frames lack what they refer to, until a keyframe comes.
func (a *Assembler) IsBroken() bool { return a.broken }

// Deadline is when drain is to be called at the latest; zero is never.
func (a *Assembler) Deadline(now time.Time) time.Time { return a.buffer.deadline(now) }

// Push takes a packet and delivers what it completes.
func (a *Assembler) Push(packet *rtp.Packet, now time.Time, deliver func(*media.EncodedFrame)) {
	a.buffer.push(packet, now)
	a.Drain(now, deliver)
}

// Drain delivers what there is, and gives up what was waited for too long.
func (a *Assembler) Drain(now time.Time, deliver func(*media.EncodedFrame)) {
	for {
		next, ok := a.buffer.pop(now)
		if !ok {
			return
		}
		if next.lost > 0 || next.restarted {
			a.hole(next)
		}
		a.add(next, now, deliver)
	}
}

// hole is what comes before a packet whose predecessors are missing.
func (a *Assembler) hole(next ordered) {
	a.follows = false
	a.lost += next.lost
	if a.video {
		if len(a.frame) > 0 {
			a.counts.dropped.Add(1)
		}
		a.frame, a.dropping, a.broken = a.frame[:0], true, true
		a.forget()
	}
	if next.restarted && a.started {
		a.elapsed += int64(next.arrived.Sub(a.lastArrived).Seconds() * float64(a.clockRate))
		a.lastTimestamp = next.packet.Timestamp
	}
}

// forget drops what the depacketizer has kept of packets before a hole.
func (a *Assembler) forget() {
	if d, err := newDepacketizer(a.codec); err == nil {
		a.depacketizer = d
	}
}

// add takes the next packet in order.
func (a *Assembler) add(next ordered, now time.Time, deliver func(*media.EncodedFrame)) {
	packet := next.packet
	if len(packet.Payload) == 0 {
		// Padding, with which the network is probed.
		return
	}
	step := a.advance(next)
	if a.video && (step != 0 || !a.follows) {
		a.begin(packet)
	}
	a.follows = true
	if a.dropping {
		return
	}
	if len(a.frame) == 0 {
		a.arrived = next.arrived
	}
	payload, err := a.depacketizer.unpack(packet.Payload)
	if err != nil || len(a.frame)+len(payload) > maxFrameSize {
		a.frame, a.dropping, a.broken = a.frame[:0], a.video, a.video
		a.counts.dropped.Add(1)
		a.forget()

		return
	}
	a.frame = append(a.frame, payload...)
	if a.video && !packet.Marker || len(a.frame) == 0 {
		return
	}
	a.finish(packet, step, now, deliver)
}

// begin decides on the packet that follows a hole, or is of another frame than
// the one before: whether its frame has its beginning.
func (a *Assembler) begin(packet *rtp.Packet) {
	if len(a.frame) > 0 {
		// A frame whose marker never came is over, too.
		a.counts.dropped.Add(1)
		a.frame = a.frame[:0]
	}
	a.dropping = !a.follows && !a.depacketizer.begins(packet.Payload)
	if a.dropping && a.broken {
		a.counts.dropped.Add(1)
	}
}

// since is how long it is since the last packet of the one before: by its timestamps, unless these began anew.
func (a *Assembler) since(next ordered) int64 {
	step, passed := a.step(next), a.passed(next)
	if step <= 0 || step-passed > a.clockRate || passed-step > a.clockRate {
		return max(passed, 1)
	}

	return step
}

// step is how far a packet's timestamp is from the last one's, and passed how much later it came.
func (a *Assembler) step(next ordered) int64 {
	return int64(int32(next.packet.Timestamp - a.lastTimestamp)) //nolint:gosec // wraps around, as it is meant to
}

func (a *Assembler) passed(next ordered) int64 {
	return int64(next.arrived.Sub(a.lastArrived).Seconds() * float64(a.clockRate))
}

// advance follows the timestamps, and gives the step from the last one.
func (a *Assembler) advance(next ordered) int64 {
	timestamp := next.packet.Timestamp
	if !a.started {
		a.started = true
		if a.continues {
			a.elapsed += a.since(next)
		}
		a.lastTimestamp = timestamp
		// The stream may have been there before its reader.
		a.follows = !a.video
	}
	step := a.step(next)
	if !a.lastArrived.IsZero() {
		// A stream that began anew may have numbers that are near to those before.
		passed, most := a.passed(next), int64(mostLeap.Seconds())*a.clockRate
		if max(step, -step) > most && max(step-passed, passed-step) > most {
			step = max(passed, 1)
		}
	}
	a.elapsed += step
	a.lastTimestamp, a.lastArrived = timestamp, next.arrived

	return step
}

func (a *Assembler) finish(packet *rtp.Packet, step int64, now time.Time, deliver func(*media.EncodedFrame)) {
	frame := &media.EncodedFrame{
		Data: bytes.Clone(a.frame), Keyframe: a.depacketizer.keyframe(a.frame),
		PTS: time.Duration(a.elapsed/a.clockRate)*time.Second +
			time.Duration(a.elapsed%a.clockRate)*time.Second/time.Duration(a.clockRate),
		Received: &media.Reception{Timestamp: packet.Timestamp, Sequence: packet.SequenceNumber, Sources: packet.CSRC},
	}
	frame.Received.Spatial, frame.Received.Temporal = a.depacketizer.layers(a.frame, packet.Payload)
	if index := a.depacketizer.index; index != nil {
		frame.Data = append(frame.Data, index(a.frame)...)
	}
	a.frame = a.frame[:0]
	units := int64(1)
	if !a.video {
		frame.Lost, a.lost = a.lost, 0
		units = step
		if frame.Lost > 0 || step <= 0 || step > int64(rtpwire.LongestPacket.Seconds()*float64(a.clockRate)) {
			units = 0
		}
	}
	if frame.Keyframe {
		a.broken = false
	}
	if a.broken {
		a.counts.dropped.Add(1)

		return
	}
	a.counts.emitted.Add(uint64(units))                            //nolint:gosec // never negative
	a.counts.delay.Add(uint64(now.Sub(a.arrived)) * uint64(units)) //nolint:gosec // never negative
	deliver(frame)
}
