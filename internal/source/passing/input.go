package passing

import (
	"context"
	"errors"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
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

// Input hands out the packets of one stream instead of decoding them.
type Input struct {
	reader *reading.Reader
	queue  *reading.Queue
	format format.Format
	stream *Stream

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
	// doubted says that what the container calls keyframes need not be any.
	doubted bool
	// recovers is where the first recovery point came since nobody can begin.
	recovers time.Duration
}

func newPassInput(r *reading.Reader, stream *av.Stream, f format.Format) *Input {
	i := &Input{
		reader: r, queue: r.Add(stream), format: f,
		last: av.NoTime, lastDTS: av.NoTime, earliest: av.NoTime, recovers: av.NoTime, frameDuration: codec.FrameDuration,
		doubted: format.Begins(stream) != nil,
	}
	if stream.Kind == media.Video {
		i.frameDuration = time.Second / 25
		if stream.Framerate > 0 {
			i.frameDuration = time.Duration(float64(time.Second) / stream.Framerate)
		}
	}
	return i
}

func (i *Input) Kind() media.Kind { return i.queue.Stream().Kind }

func (i *Input) Queue() *reading.Queue { return i.queue }

// Loop lets silence be sent where sound has a hole.
func (i *Input) Loop() { i.loops = true }

func (i *Input) Passes() bool { return true }

// Wanted reports whether anybody reads it.
func (i *Input) Wanted() bool { return i.stream.wanted() }

// Step reads one packet unless enough wait for their time.
func (i *Input) Step(position time.Duration) bool {
	if i.drained || len(i.frames) > 0 && i.last > position+passAhead {
		return false
	}
	packet, err := i.reader.Next(i.queue)
	switch {
	case errors.Is(err, container.ErrLater):
		return false
	case err != nil:
		i.drained = true
		return true
	}
	if packet.Anew {
		i.Restart()
		i.Clear(position)
	}
	i.take(packet)
	packet.Release()
	return true
}

// take makes frames of a packet.
func (i *Input) take(packet *av.Packet) {
	if i.outOfOrder(packet) {
		return
	}
	at := i.end
	if i.last == av.NoTime {
		at = i.reader.Begins()
	}
	if packet.PTS != av.NoTime {
		at = i.place(i.reader.Position(packet.PTS) - i.format.Held())
	}
	units := i.format.Convert(packet.Data())
	if len(units) == 0 {
		i.failure = av.ErrInvalidData
	}
	if i.loops && i.Kind() == media.Audio && len(units) > 0 && i.last != av.NoTime {
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
		frame := &media.EncodedFrame{
			Data: unit.Data, PTS: at, Duration: duration, Keyframe: unit.Keyframe, Cuts: &media.Cuts{},
		}
		i.last, i.end = at, at+duration
		at = i.end
		if i.kept(frame) {
			i.frames = append(i.frames, frame)
		}
	}
}

// outOfOrder finds B-frames where none were seen before: a decoder at the far
// end would show them in the wrong order.
func (i *Input) outOfOrder(packet *av.Packet) bool {
	if i.Kind() != media.Video || packet.PTS == av.NoTime || packet.DTS == av.NoTime {
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
func (i *Input) unbegun(recovers, keyframe bool, at time.Duration) bool {
	switch {
	case !i.doubted:
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
func (i *Input) refuse(reason string) {
	i.drained = true
	i.failure = &refusal.Error{Kind: refusal.ErrNotSupported, Message: i.reader.Container().Name() +
		" can't be passed through any further: " + reason + "; give decode: true to transcode it"}
	i.stream.source.Fail(media.Video, i.failure)
}

// place is where a packet goes that the file has at the given position. Sound
// goes on evenly, whatever the file rounds; times never go back.
func (i *Input) place(at time.Duration) time.Duration {
	if i.last == av.NoTime {
		return at
	}
	if i.Kind() == media.Audio {
		if drift := at - i.end; drift < sound.Slack && drift > -sound.Slack {
			return i.end
		}
	}
	switch least := i.last + container.LeastBetween; {
	case i.Kind() == media.Video && i.reader.Container().Live():
		// What came in a burst may have been placed at one time.
		return max(at, least)
	case at <= i.last:
		return i.end
	default:
		return at
	}
}

// videoDuration is the packet's, or the time since the last.
func (i *Input) videoDuration(packet *av.Packet, at time.Duration) time.Duration {
	if packet.Duration > 0 && packet.Duration < mostGap {
		i.frameDuration = packet.Duration
	} else if gap := at - i.last; i.last != av.NoTime && gap > 0 && gap < mostGap {
		i.frameDuration = gap
	}
	return i.frameDuration
}

// kept reports whether a frame is of use.
func (i *Input) kept(frame *media.EncodedFrame) bool {
	return i.Kind() == media.Video || i.earliest == av.NoTime || frame.PTS+frame.Duration > i.earliest
}

// Deliver hands out what is due.
func (i *Input) Deliver(ctx context.Context, position time.Duration, now time.Time) {
	for len(i.frames) > 0 && i.frames[0].PTS <= position+passEarly {
		frame := i.frames[0]
		i.caught = i.caught || position-frame.PTS < lateStamp
		i.frames[0] = nil
		i.frames = i.frames[1:]
		i.stream.push(ctx, frame, !i.caught)
	}
	i.stream.send(ctx, position, now)
}

// Skip leaves out sound that ends before position. Pictures need those before them.
func (i *Input) Skip(position time.Duration) {
	for i.Kind() == media.Audio && len(i.frames) > 0 && i.frames[0].PTS+i.frames[0].Duration < position {
		i.frames[0] = nil
		i.frames = i.frames[1:]
	}
}

// Upcoming is the position of the next delivery.
func (i *Input) Upcoming() (time.Duration, bool) {
	next, ok := i.stream.upcoming()
	if len(i.frames) > 0 && (!ok || i.frames[0].PTS < next) {
		return i.frames[0].PTS, true
	}
	return next, ok
}

// Slack is how much before Upcoming it may be handed out: who catches up keeps to the time.
func (i *Input) Slack() time.Duration {
	if next, ok := i.Upcoming(); ok && len(i.frames) > 0 && i.frames[0].PTS == next {
		return passEarly
	}
	return 0
}

// Late is how far what comes next is behind position. Pictures from before the
// start are not late: they are what the first one needs.
func (i *Input) Late(position time.Duration) time.Duration {
	if len(i.frames) == 0 || !i.caught {
		return 0
	}
	return position - i.frames[0].PTS
}

// Finished says that all was delivered, exhausted that all of this round was read.
func (i *Input) Finished() bool {
	_, behind := i.stream.upcoming()
	return i.drained && len(i.frames) == 0 && !behind
}

func (i *Input) Exhausted() bool { return i.drained }

// Ends is where it is over.
func (i *Input) Ends() time.Duration { return i.end }

// Hold sends silence. Of pictures the last stays.
func (i *Input) Hold(position, end time.Duration) time.Duration {
	if i.Kind() == media.Video {
		return end
	}
	if len(i.frames) == 0 {
		i.hush(min(position+codec.FrameDuration, end))
	}
	return i.hushed
}

// hush puts silence in from the last sound to until.
func (i *Input) hush(until time.Duration) {
	i.hushed = max(i.hushed, i.end)
	for ; i.hushed+codec.FrameDuration <= until; i.hushed += codec.FrameDuration {
		i.frames = append(i.frames, &media.EncodedFrame{PTS: i.hushed, Duration: codec.FrameDuration, Keyframe: true})
	}
}

// Restart is for packets from elsewhere in the file.
func (i *Input) Restart() {
	i.drained = false
	i.lastDTS = av.NoTime
	i.format.Restart()
}

// Clear forgets what was read, to begin anew at position.
func (i *Input) Clear(position time.Duration) {
	i.frames = nil
	i.last, i.earliest, i.caught, i.recovers = av.NoTime, position, false, av.NoTime
	i.end = position
	i.stream.restart()
}

func (i *Input) Result() (passed int, failure error) { return i.passed, i.failure }

func (i *Input) Lost() error { return nil }

func (i *Input) Close() {}
