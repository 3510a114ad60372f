package play

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
)

const (
	// videoAhead is how many pictures wait decoded for their time.
	videoAhead = 3
	// lateVideo is how late a picture may be and still worth encoding, and
	// behindVideo from where on only what other pictures need is decoded.
	lateVideo   = 100 * time.Millisecond
	behindVideo = 300 * time.Millisecond
	// slowestVideo is how far pictures may lie apart although they are late.
	slowestVideo = 500 * time.Millisecond
	// holdInterval is how far the repetitions of a last picture lie apart.
	holdInterval = 200 * time.Millisecond
	// stays is how long a picture is there before it is shown again to who waits for one.
	stays = time.Second
)

// videoInput decodes the pictures of a file.
type videoInput struct {
	reader *reading.Reader
	queue  *reading.Queue
	output engine.Output
	// decoder is nil before its first use: of what passes, there may be none.
	decoder *av.VideoDecoder

	frames []*media.VideoFrame
	// last is the position of the newest frame, end where it is over.
	last, end time.Duration
	outcome
	// likely tells of a packet whether it may be of the codec.
	likely func(data []byte) bool
	// frameDuration is of the last frame that told one.
	frameDuration time.Duration
	skipping      bool
	// shown is the position of the last frame that was delivered, or at which the input began.
	shown time.Duration
	// dropped counts frames that came too late since the last that was delivered.
	dropped int
	// held is the last frame, which stays until the next. joining says that what comes is
	// from before the position at which the input began.
	held    *media.VideoFrame
	joining bool
}

func newVideoInput(r *reading.Reader, stream *av.Stream) (*videoInput, error) {
	if err := r.Container().CheckBounds(stream); err != nil {
		return nil, err
	}
	if !stream.Decodable() {
		return nil, r.Container().DecoderError(stream, av.ErrNoDecoder)
	}
	v := &videoInput{
		reader: r, queue: r.Add(stream), outcome: outcome{kind: media.Video},
		last: av.NoTime, shown: av.NoTime, frameDuration: time.Second / 25, likely: format.Likely(stream),
	}
	if stream.Framerate > 0 {
		v.frameDuration = time.Duration(float64(time.Second) / stream.Framerate)
	}
	return v, nil
}

func (v *videoInput) open() error {
	if v.decoder != nil {
		return nil
	}
	decoder, err := av.NewVideoDecoder(*v.queue.Stream())
	if err != nil {
		return v.reader.Container().DecoderError(v.queue.Stream(), err)
	}
	v.decoder = decoder
	return nil
}

func (v *videoInput) Kind() media.Kind { return media.Video }

func (v *videoInput) Slack() time.Duration { return 0 }

func (v *videoInput) Passes() bool { return false }

func (v *videoInput) Wanted() bool { return v.output.Wanted(media.Video) }

func (v *videoInput) Queue() *reading.Queue { return v.queue }

// Step does one piece of the work that there is, and reports whether there was.
func (v *videoInput) Step(position time.Duration) bool {
	if v.drained || len(v.frames) >= videoAhead {
		return false
	}
	if err := v.open(); err != nil {
		v.failure, v.drained = err, true
		return true
	}
	v.skipUnreferenced(v.last != av.NoTime && position-v.last > behindVideo)
	frame, duration, err := v.decoder.Receive(func(pts time.Duration) bool {
		return v.keep(v.time(pts), position)
	})
	switch {
	case errors.Is(err, av.ErrAgain):
		return v.feed(position)
	case errors.Is(err, io.EOF):
		v.drained = true
	case err != nil:
		v.fail(err)
	default:
		v.made()
		if duration > 0 {
			v.frameDuration = duration
		}
		if frame != nil {
			v.push(frame)
		}
	}
	return true
}

// time of a frame, which follows the last one where the file doesn't tell.
func (v *videoInput) time(pts time.Duration) time.Duration {
	if pts != av.NoTime {
		return v.reader.Position(pts)
	}
	if v.last == av.NoTime {
		return v.reader.Begins()
	}
	return v.last + v.frameDuration
}

// keep leaves out frames that come too late, or not after the one before.
func (v *videoInput) keep(at, position time.Duration) bool {
	if v.last != av.NoTime && (at <= v.last || v.reader.Container().Live() && at < v.last+container.LeastBetween) {
		return false
	}
	late := position - at
	if v.joining {
		return true
	}
	if late <= lateVideo || v.shown == av.NoTime || at-v.shown >= slowestVideo {
		return true
	}
	v.last = at
	v.dropped++
	return false
}

func (v *videoInput) push(frame *media.VideoFrame) {
	frame.PTS = v.time(frame.PTS)
	v.last = frame.PTS
	v.end = v.last + v.frameDuration
	v.joining = v.joining && v.shown-v.last > lateVideo
	if v.joining {
		v.keepLast(frame)
		frame.Release()
		return
	}
	v.frames = append(v.frames, frame)
}

// feed gives the decoder its next packet.
func (v *videoInput) feed(position time.Duration) bool {
	packet, err := v.reader.Next(v.queue)
	switch {
	case errors.Is(err, container.ErrLater):
		return false
	case err != nil:
		if err := v.decoder.Send(nil); err != nil {
			v.drained = true
		}
		return true
	}
	if packet.Anew {
		v.Restart()
		v.Clear(position)
	}
	if err := v.decoder.Send(packet); err != nil {
		v.fail(err)
	}
	begins := v.undecoded.begun || packet.Keyframe || !v.likely(packet.Data())
	if !v.skipping && v.undecoded.given(packet, begins) {
		v.drained = true
	}
	packet.Release()
	return true
}

func (v *videoInput) skipUnreferenced(skip bool) {
	if v.skipping != skip {
		v.skipping = skip
		v.decoder.SkipUnreferenced(skip)
	}
}

// due takes the newest frame whose time has come, and tells how many older
// ones it makes pointless. The caller releases it.
func (v *videoInput) due(position time.Duration) (frame *media.VideoFrame, dropped int) {
	for len(v.frames) > 0 && v.frames[0].PTS <= position {
		if frame != nil {
			frame.Release()
			v.dropped++
		}
		frame = v.frames[0]
		v.frames[0] = nil
		v.frames = v.frames[1:]
		// On time or nearly so: none is left out.
		if position-frame.PTS <= lateVideo {
			break
		}
	}
	if frame != nil {
		v.shown = frame.PTS
		dropped, v.dropped = v.dropped, 0
		v.keepLast(frame)
	}
	return frame, dropped
}

// Late is how far the newest picture whose time has come is behind position.
func (v *videoInput) Late(position time.Duration) time.Duration {
	late := time.Duration(0)
	for _, frame := range v.frames {
		if frame.PTS > position {
			break
		}
		late = position - frame.PTS
		if late <= lateVideo {
			break
		}
	}
	return late
}

// Skip leaves out nothing: encoders get the newest picture anyway.
func (v *videoInput) Skip(time.Duration) {}

// Deliver hands out the newest picture that is due.
func (v *videoInput) Deliver(_ context.Context, position time.Duration, _ time.Time) {
	frame, dropped := v.due(position)
	if frame == nil {
		frame = v.again(position)
	}
	if frame != nil {
		v.output.DeliverVideo(frame, dropped)
		frame.Release()
	}
	if v.dropped > 0 && v.Finished() {
		v.output.LeaveOut(v.dropped)
		v.dropped = 0
	}
}

// again is the picture that stays until the next one, of slides or a screen, for who comes meanwhile or lost it.
func (v *videoInput) again(position time.Duration) *media.VideoFrame {
	over := v.drained && len(v.frames) == 0
	next := len(v.frames) > 0 && v.frames[0].PTS >= position+container.LeastBetween
	if v.held == nil || position-v.shown < stays || !over && !next || !v.output.Awaited() {
		return nil
	}
	v.shown = position
	return v.held.At(position)
}

// keepLast keeps the picture that stays where others go on.
func (v *videoInput) keepLast(frame *media.VideoFrame) {
	frame.Retain()
	v.releaseLast()
	v.held = frame
}

func (v *videoInput) releaseLast() {
	if v.held != nil {
		v.held.Release()
		v.held = nil
	}
}

// Hold shows the last picture again and again, for who comes meanwhile: no encoder
// makes a keyframe without one. Where there was none it is black.
func (v *videoInput) Hold(position, end time.Duration) time.Duration {
	due := v.shown + holdInterval
	if v.shown == av.NoTime {
		due = position
	}
	if len(v.frames) > 0 || position < due || position >= end {
		return due
	}
	if v.held == nil {
		stream := v.queue.Stream()
		if stream.Width <= 0 || stream.Height <= 0 {
			return end
		}
		v.held = media.NewBlackFrame(stream.Width, stream.Height)
	}
	v.frames = append(v.frames, v.held.At(position))
	return position + holdInterval
}

// Upcoming is the position of the next delivery.
func (v *videoInput) Upcoming() (time.Duration, bool) {
	if len(v.frames) == 0 {
		return 0, false
	}
	return v.frames[0].PTS, true
}

func (v *videoInput) Finished() bool { return v.drained && len(v.frames) == 0 }

func (v *videoInput) Ends() time.Duration { return v.end }

// Restart forgets what the decoder holds, for packets from elsewhere in the file.
func (v *videoInput) Restart() {
	v.restart()
	if v.decoder != nil {
		v.decoder.Flush()
	}
}

// Clear forgets what was decoded, to begin anew at position: what lies before
// it is decoded, but not shown.
func (v *videoInput) Clear(position time.Duration) {
	v.releaseFrames()
	v.last, v.shown, v.dropped = av.NoTime, position, 0
	v.joining = true
}

func (v *videoInput) releaseFrames() {
	for _, frame := range v.frames {
		frame.Release()
	}
	v.frames = nil
}

func (v *videoInput) Close() {
	v.releaseFrames()
	v.releaseLast()
	if v.decoder != nil {
		v.decoder.Close()
	}
}
