package source

import (
	"errors"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

const (
	// passAhead is how far before their time packets are read.
	passAhead = 100 * time.Millisecond
	// passEarly is how much too early a packet may go out: what is due within it
	// goes with one wake-up.
	passEarly = 10 * time.Millisecond
	// mostGap is the longest time between two frames that is taken for one frame's.
	mostGap = 10 * time.Second
)

// passInput hands out the packets of one stream instead of decoding them.
type passInput struct {
	reader *reader
	queue  *packetQueue
	format format.Format
	stream *passStream

	frames []*media.EncodedFrame
	// last is the position of the newest frame, end where it is over.
	last, end time.Duration
	// lastPTS and lastDTS are of the newest packet, in the file's time.
	lastPTS, lastDTS time.Duration
	frameDuration    time.Duration
	// earliest is where the input began: sound before it is left out.
	earliest time.Duration
	// loops lets silence, frames without data, be sent where sound has a hole: up to
	// hushed after the end of a round.
	loops  bool
	hushed time.Duration
	// caught says that what comes is on time, and no longer from before the start.
	caught  bool
	drained bool
	passed  int
	failure error
	// recovers is where the first recovery point came since nobody can begin.
	recovers time.Duration
}

func newPassInput(r *reader, stream *av.Stream, format format.Format) *passInput {
	i := &passInput{
		reader: r, queue: r.add(stream), format: format,
		last: av.NoTime, lastDTS: av.NoTime, earliest: av.NoTime, recovers: av.NoTime, frameDuration: codec.FrameDuration,
	}
	if stream.Kind == media.Video {
		i.frameDuration = time.Second / 25
		if stream.Framerate > 0 {
			i.frameDuration = time.Duration(float64(time.Second) / stream.Framerate)
		}
	}
	return i
}

func (i *passInput) kind() media.Kind { return i.queue.stream.Kind }

func (i *passInput) packets() *packetQueue { return i.queue }

// step reads one packet unless enough wait for their time.
func (i *passInput) step(position time.Duration) bool {
	if i.drained || len(i.frames) > 0 && i.last > position+passAhead {
		return false
	}
	packet, err := i.reader.next(i.queue)
	switch {
	case errors.Is(err, container.ErrLater):
		return false
	case err != nil:
		i.drained = true
		return true
	}
	if packet.Anew {
		i.restart()
		i.clear(position)
	}
	i.take(packet)
	packet.Release()
	return true
}

// take makes frames of a packet.
func (i *passInput) take(packet *av.Packet) {
	if i.outOfOrder(packet) {
		return
	}
	at := i.end
	if i.last == av.NoTime {
		at = i.reader.offset
	}
	if packet.PTS != av.NoTime {
		at = i.place(i.reader.position(packet.PTS) - i.format.Held())
	}
	units := i.format.Convert(packet.Data())
	if len(units) == 0 {
		i.failure = av.ErrInvalidData
	}
	if i.loops && i.kind() == media.Audio && len(units) > 0 && i.last != av.NoTime {
		i.hush(at)
	}
	for _, unit := range units {
		if i.unbegun(packet.Keyframe, unit.Keyframe, at) {
			return
		}
		duration := unit.Duration
		if duration == 0 {
			duration = i.videoDuration(packet, at)
		}
		i.passed++
		frame := &media.EncodedFrame{Data: unit.Data, PTS: at, Duration: duration, Keyframe: unit.Keyframe}
		i.last, i.end = at, at+duration
		at = i.end
		if i.kept(frame) {
			i.frames = append(i.frames, frame)
		}
	}
}

// outOfOrder finds B-frames where none were seen before: a decoder at the far
// end would show them in the wrong order.
func (i *passInput) outOfOrder(packet *av.Packet) bool {
	if i.kind() != media.Video || packet.PTS == av.NoTime || packet.DTS == av.NoTime {
		return false
	}
	pts, dts := i.lastPTS, i.lastDTS
	i.lastPTS, i.lastDTS = packet.PTS, packet.DTS
	// Where both times go back the file begins anew, as joined ones do.
	if dts == av.NoTime || packet.PTS >= pts || packet.DTS <= dts {
		return false
	}
	i.refuse("B-frames begin")
	return true
}

// unbegun finds that nobody can begin any more, where it can't be found by looking
// ahead: decoders could, again and again, but receivers wait for keyframes.
func (i *passInput) unbegun(recovers, keyframe bool, at time.Duration) bool {
	switch {
	case i.format.MimeType() != codec.MimeH264:
	case keyframe || len(i.stream.group) > 0:
		i.recovers = av.NoTime
	case recovers && i.recovers == av.NoTime:
		i.recovers = at
	case recovers && at-i.recovers > lookSpan:
		i.refuse(onlyRecovers)
		return true
	}
	return false
}

// refuse ends what was passed until now.
func (i *passInput) refuse(reason string) {
	i.drained = true
	i.failure = &refusal.Error{Kind: refusal.ErrNotSupported, Message: i.reader.container.Name() +
		" can't be passed through any further: " + reason + "; give decode: true to transcode it"}
	i.stream.source.Fail(media.Video, i.failure)
}

// place is where a packet goes that the file has at the given position. Sound
// goes on evenly, whatever the file rounds; times never go back.
func (i *passInput) place(at time.Duration) time.Duration {
	if i.last == av.NoTime {
		return at
	}
	if i.kind() == media.Audio {
		if drift := at - i.end; drift < sound.Slack && drift > -sound.Slack {
			return i.end
		}
	}
	switch least := i.last + container.LeastBetween; {
	case i.kind() == media.Video && i.reader.container.Live():
		// What came in a burst may have been placed at one time.
		return max(at, least)
	case at <= i.last:
		return i.end
	default:
		return at
	}
}

// videoDuration is the packet's, or the time since the last.
func (i *passInput) videoDuration(packet *av.Packet, at time.Duration) time.Duration {
	if packet.Duration > 0 && packet.Duration < mostGap {
		i.frameDuration = packet.Duration
	} else if gap := at - i.last; i.last != av.NoTime && gap > 0 && gap < mostGap {
		i.frameDuration = gap
	}
	return i.frameDuration
}

// kept reports whether a frame is of use.
func (i *passInput) kept(frame *media.EncodedFrame) bool {
	return i.kind() == media.Video || i.earliest == av.NoTime || frame.PTS+frame.Duration > i.earliest
}

// deliver hands out what is due.
func (i *passInput) deliver(position time.Duration, now time.Time) {
	for len(i.frames) > 0 && i.frames[0].PTS <= position+passEarly {
		frame := i.frames[0]
		i.caught = i.caught || position-frame.PTS < lateStamp
		i.frames[0] = nil
		i.frames = i.frames[1:]
		i.stream.push(frame, !i.caught)
	}
	i.stream.send(position, now)
}

// skip leaves out sound that ends before position. Pictures need those before them.
func (i *passInput) skip(position time.Duration) {
	for i.kind() == media.Audio && len(i.frames) > 0 && i.frames[0].PTS+i.frames[0].Duration < position {
		i.frames[0] = nil
		i.frames = i.frames[1:]
	}
}

// upcoming is the position of the next delivery.
func (i *passInput) upcoming() (time.Duration, bool) {
	next, ok := i.stream.upcoming()
	if len(i.frames) > 0 && (!ok || i.frames[0].PTS < next) {
		return i.frames[0].PTS, true
	}
	return next, ok
}

// late is how far what comes next is behind position. Pictures from before the
// start are not late: they are what the first one needs.
func (i *passInput) late(position time.Duration) time.Duration {
	if len(i.frames) == 0 || !i.caught {
		return 0
	}
	return position - i.frames[0].PTS
}

func (i *passInput) finished() bool {
	_, behind := i.stream.upcoming()
	return i.drained && len(i.frames) == 0 && !behind
}

func (i *passInput) exhausted() bool { return i.drained }

func (i *passInput) ends() time.Duration { return i.end }

// hold sends silence. Of pictures the last stays.
func (i *passInput) hold(position, end time.Duration) time.Duration {
	if i.kind() == media.Video {
		return end
	}
	if len(i.frames) == 0 {
		i.hush(min(position+codec.FrameDuration, end))
	}
	return i.hushed
}

// hush puts silence in from the last sound to until.
func (i *passInput) hush(until time.Duration) {
	i.hushed = max(i.hushed, i.end)
	for ; i.hushed+codec.FrameDuration <= until; i.hushed += codec.FrameDuration {
		i.frames = append(i.frames, &media.EncodedFrame{PTS: i.hushed, Duration: codec.FrameDuration, Keyframe: true})
	}
}

// restart is for packets from elsewhere in the file.
func (i *passInput) restart() {
	i.drained = false
	i.lastDTS = av.NoTime
	i.format.Restart()
}

// clear forgets what was read, to begin anew at position.
func (i *passInput) clear(position time.Duration) {
	i.frames = nil
	i.last, i.earliest, i.caught, i.recovers = av.NoTime, position, false, av.NoTime
	i.end = position
	i.stream.restart()
}

func (i *passInput) result() (passed int, failure error) { return i.passed, i.failure }

func (i *passInput) close() {}
