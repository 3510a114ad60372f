package coded

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

const (
	// MostBytes is the size of the largest frame.
	MostBytes = 8 << 20
	// mostWaiting frames, or mostWaitingBytes, wait to be sent.
	mostWaiting      = 64
	mostWaitingBytes = 2 * MostBytes
	// mostLength is how long the app may say that a frame is.
	mostLength = time.Hour
)

var (
	// ErrFull is that the app writes faster than frames can be sent; room is told of.
	ErrFull = errors.New("too many frames wait to be sent")
	// ErrFrame is of a frame that can't be sent; the text around it says why.
	ErrFrame = format.ErrFrame
)

// Options are what a Track is made of.
type Options struct {
	Kind     media.Kind
	MimeType string
	// Description (may be nil) is what an avcC box holds, of H264 in AVCC.
	Description []byte
	// Keyframe asks the app for one, Bitrate tells what the network carries in bits a second, and Room follows ErrFull.
	// They are called on any goroutine.
	Keyframe func()
	Bitrate  func(bitsPerSecond int)
	Room     func()
	// Start runs the goroutine that sends.
	Start func(name string, f func(ctx context.Context))
}

// Track is a media.Track of frames that the app writes. It comes in their codec alone.
type Track struct {
	id      string
	options Options
	life    media.Life
	fanout  *media.Fanout
	work    chan struct{}

	// writing keeps frames in order: format and times belong to who writes.
	writing sync.Mutex
	given   *format.Given
	times   times

	mu           sync.Mutex
	waiting      []*media.EncodedFrame
	waitingBytes int
	full         bool

	requests requests
	bitrate  bitrate
	counts   counts
}

// NewTrack makes a track, or refuses a codec or a description.
func NewTrack(options Options) (*Track, error) {
	prefix := options.Kind.String() + "/"
	if !strings.HasPrefix(strings.ToLower(options.MimeType), prefix) {
		return nil, &refusal.Error{
			Kind: refusal.ErrInvalid, Message: fmt.Sprintf("mimeType: expected one of %s, got %.60q", prefix, options.MimeType),
		}
	}
	given, wrong := format.NewGiven(options.MimeType, options.Description)
	if wrong != "" {
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: "mimeType: " + wrong}
	}
	t := &Track{id: uuid.NewString(), options: options, given: given, work: make(chan struct{}, 1)}
	t.requests.tell, t.bitrate.tell = options.Keyframe, options.Bitrate
	t.fanout = media.NewFanout(options.Kind, (*upstream)(t))
	options.Start("sending frames of the app", t.run)

	return t, nil
}

// ID implements media.Track.
func (t *Track) ID() string { return t.id }

// Kind implements media.Track.
func (t *Track) Kind() media.Kind { return t.options.Kind }

// CheckCodec implements media.CodecChecker.
func (t *Track) CheckCodec(c media.Codec, settings media.EncodingSettings) error {
	own := t.given.MimeType()
	switch {
	case settings.Simulcast:
		return fmt.Errorf("%w: the app's frames are one encoding, and are not sent as several", media.ErrCodecUnavailable)
	case !strings.EqualFold(c.MimeType, own):
		return fmt.Errorf("%w: the app's frames are %s; %s was negotiated (name the codec: transport.produce({ track, codec }))",
			media.ErrCodecUnavailable, own, c.MimeType)
	}
	if wrong := t.given.Unfit(c); wrong != "" {
		return fmt.Errorf("%w: the app's frames can't be sent: %s", media.ErrCodecUnavailable, wrong)
	}

	return nil
}

// Attach implements media.Track.
func (t *Track) Attach(c media.Codec, settings media.EncodingSettings, sink media.Sink) (media.Feed, error) {
	if err := t.CheckCodec(c, settings); err != nil {
		return nil, err
	}
	if t.life.Ended() {
		return nil, t.life.EndedError()
	}

	return &feed{Feed: t.fanout.Add(&t.life, sink), most: settings.MaxBitrate}, nil
}

// Codec implements media.CodedTrack.
func (t *Track) Codec() media.Codec { return media.Codec{MimeType: t.given.MimeType()} }

// AttachReader implements media.CodedTrack.
func (t *Track) AttachReader(sink media.Sink) (media.Feed, error) {
	if t.life.Ended() {
		return nil, t.life.EndedError()
	}

	// A life of its own is never disabled.
	return t.fanout.Add(&media.Life{}, sink), nil
}

// Enabled implements media.CodedTrack.
func (t *Track) Enabled() bool { return t.life.Enabled() }

// SetEnabled implements media.Track. Nothing is sent while it is disabled.
func (t *Track) SetEnabled(enabled bool) {
	if t.life.Enable(enabled) && enabled {
		(*upstream)(t).RequestKeyframe()
	}
}

// OnEnded implements media.Track.
func (t *Track) OnEnded(f func(reason error)) { t.life.OnEnded(f) }

// Stop implements media.Track.
func (t *Track) Stop() {
	if t.life.End(nil) {
		routine.Signal(t.work)
	}
}

// WriteFrame implements core.FrameTarget: it sends a frame, which is borrowed for the call, or refuses it with ErrFrame,
// ErrFull or media.ErrTrackEnded.
func (t *Track) WriteFrame(f *frames.Frame) error {
	switch {
	case t.life.Ended():
		return t.life.EndedError()
	case len(f.Planes) != 1:
		return fmt.Errorf("%w: it is not coded", ErrFrame)
	case len(f.Planes[0]) > MostBytes:
		return fmt.Errorf("%w: it has %d bytes, expected at most %d", ErrFrame, len(f.Planes[0]), MostBytes)
	case math.IsNaN(f.Timestamp) || math.IsInf(f.Timestamp, 0):
		return fmt.Errorf("%w: its timestamp is %v", ErrFrame, f.Timestamp)
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	if !t.hasRoom(len(f.Planes[0])) {
		return ErrFull
	}
	unit, err := t.given.Frame(f.Planes[0])
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	frame := &media.EncodedFrame{
		Data: unit.Data, Keyframe: unit.Keyframe, Duration: unit.Duration,
		PTS: t.times.next(frames.Time(f.Timestamp), time.Now()), Cuts: &media.Cuts{},
	}
	if frame.Duration == 0 && f.Duration > 0 {
		frame.Duration = min(frames.Time(f.Duration), mostLength)
	}
	if level := f.AudioLevel; level >= 1 && level <= 127 {
		frame.AudioLevel = uint8(level)
	}
	t.mu.Lock()
	t.waiting = append(t.waiting, frame)
	t.waitingBytes += len(frame.Data)
	t.mu.Unlock()
	routine.Signal(t.work)

	return nil
}

func (t *Track) hasRoom(size int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.full = len(t.waiting) >= mostWaiting || len(t.waiting) > 0 && t.waitingBytes+size > mostWaitingBytes

	return !t.full
}

func (t *Track) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.work:
		}
		for _, frame := range t.take() {
			t.send(frame)
		}
		if t.life.Ended() {
			return
		}
	}
}

// take empties the queue, and tells of the room.
func (t *Track) take() []*media.EncodedFrame {
	t.mu.Lock()
	waiting, full := t.waiting, t.full
	t.waiting, t.waitingBytes, t.full = nil, 0, false
	t.mu.Unlock()
	if full {
		t.options.Room()
	}

	return waiting
}

func (t *Track) send(frame *media.EncodedFrame) {
	now := time.Now()
	t.counts.add(frame, now)
	if t.options.Kind == media.Video {
		t.requests.sent(frame.Keyframe, now)
	}
	t.bitrate.tellIfDue(now)
	t.fanout.Write(frame)
}
