package encode

import (
	"context"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

const (
	// mostWaiting is how many pictures wait for an encoder; what is more makes
	// the oldest drop out.
	mostWaiting = 3
	// mostFailures in a row end the track.
	mostFailures = 30
)

// Owner is the source that is encoded.
type Owner interface {
	// Framerate is in pictures a second; 0 is unknown.
	Framerate() float64
	// VideoShown and audioShown are what it delivered, for statistics.
	VideoShown() (frames uint64, width, height int)
	AudioShown() (pieces uint64)
	// Share calls f for each of 0 to n-1, side by side.
	Share(n int, f func(i int))
	// Fail ends the tracks of a kind whose encoder doesn't work.
	Fail(kind media.Kind, err error)
	// NoHardware is told where what was to be encoded in hardware is not.
	NoHardware(mimeType string, reason error)
	// DropVideo and dropAudio end what nobody reads any more.
	DropVideo(e *Video)
	DropAudio(e *Audio)
}

// Key is of what feeds share an encoder for.
type Key struct {
	mimeType string
	settings media.EncodingSettings
	hardware bool
}

// KeyOf gives that of a codec and settings. An encoder is the same for one encoding and
// for one of several.
func KeyOf(c media.Codec, settings media.EncodingSettings) Key {
	settings.Simulcast = false
	return Key{mimeType: strings.ToLower(c.MimeType), settings: settings}
}

// InHardware is the same, of who prefers hardware.
func (k Key) InHardware(preferred bool) Key {
	k.hardware = preferred
	return k
}

// Video encodes the pictures of a source for all feeds that ask for
// the same, on a goroutine of its own.
type Video struct {
	source    Owner
	key       Key
	codec     media.Codec
	fanout    *media.Fanout
	keyframes media.KeyframeRequests
	// target is the feeds' in bits a second, 0 for none.
	target  atomic.Int64
	routine *routine.Routine

	mu      sync.Mutex
	waiting []waitingPicture
	// news says that waiting or stopped changed, rested that nothing is left to do.
	news    chan struct{}
	rested  chan struct{}
	stopped bool
	busy    bool
	// next is the time from which on a picture is within the frame rate.
	next  time.Duration
	stats media.FeedStats
	rate  media.RateMeter

	// The rest is the goroutine's.
	scaler  av.Scaler
	blank   *BlankVideo
	encoder codec.VideoEncoder
	// unaccelerated is why no hardware encodes.
	unaccelerated error

	bitrate  int
	highest  int
	failures int
	last     time.Duration
	// began is when the first picture was encoded, where a bitrate to begin with is set.
	began time.Time
}

// NewVideo makes one that encodes after start.
func NewVideo(s Owner, key Key, c media.Codec) *Video {
	e := &Video{
		source: s, key: key, codec: c,
		news: make(chan struct{}, 1), rested: make(chan struct{}, 1), last: av.NoTime,
	}
	e.fanout = media.NewFanout(media.Video, e)
	e.fanout.ShareBy(s.Share)
	e.blank = NewBlankVideo(c, key.settings.Scalability, e.fanout)
	e.routine = routine.New(e.cleanup)
	return e
}

// Start begins to encode.
func (e *Video) Start(start routine.Start) {
	e.routine.Start(start, "encode "+e.codec.MimeType, e.run)
}

// Is reports whether feeds of that key share it.
func (e *Video) Is(key Key) bool { return e.key == key }

// Feeds are those that it encodes for.
func (e *Video) Feeds() *media.Fanout { return e.fanout }

// Routine is the goroutine that encodes.
func (e *Video) Routine() *routine.Routine { return e.routine }

// RequestKeyframe implements media.Upstream.
func (e *Video) RequestKeyframe() { e.keyframes.Add() }

// SetTargetBitrate implements media.Upstream.
func (e *Video) SetTargetBitrate(bitsPerSecond int) { e.target.Store(int64(bitsPerSecond)) }

// FeedClosed implements media.Upstream.
func (e *Video) FeedClosed() { e.source.DropVideo(e) }

// Stats implements media.Upstream.
func (e *Video) Stats() media.FeedStats {
	e.mu.Lock()
	stats := e.stats
	stats.FramesPerSecond = e.rate.PerSecond(time.Now())
	e.mu.Unlock()
	stats.SourceFrames, stats.SourceWidth, stats.SourceHeight = e.source.VideoShown()
	return stats
}

// Stop ends the goroutine, without waiting for it.
func (e *Video) Stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopped = true
	routine.Signal(e.news)
}

func (e *Video) run(ctx context.Context) {
	for {
		picture, stopped := e.take()
		if stopped {
			return
		}
		if picture.VideoFrame != nil {
			e.show(picture)
			picture.Release()
			e.rest()
			continue
		}
		select {
		case <-e.news:
		case <-ctx.Done():
			return
		}
	}
}

// cleanup frees what is left. Nothing is taken or offered after it.
func (e *Video) cleanup() {
	e.mu.Lock()
	e.stopped = true
	for _, picture := range e.waiting {
		picture.Release()
	}
	e.waiting = nil
	routine.Signal(e.rested)
	e.mu.Unlock()
	if e.encoder != nil {
		_ = e.encoder.Close()
	}
	e.scaler.Close()
}

// show hands out what a picture becomes, for enabled tracks and for disabled ones.
func (e *Video) show(picture waitingPicture) {
	width, height := av.ScaledSize(picture.Width, picture.Height, e.key.settings.ScaleDownBy)
	if picture.live {
		if err := e.encodeScaled(picture.VideoFrame, width, height); err != nil {
			e.fail(err, 1)
		}
	}
	if err := e.blank.Offer(picture.PTS, width, height); err != nil {
		e.fail(err, 1)
	}
}

func (e *Video) encodeScaled(frame *media.VideoFrame, width, height int) error {
	if width == frame.Width && height == frame.Height {
		e.encode(frame)
		return nil
	}
	scaled, err := e.scaler.Scale(frame, width, height)
	if err != nil {
		return err
	}
	defer scaled.Release()
	e.encode(scaled)
	return nil
}

// encode makes one access unit and hands it out.
func (e *Video) encode(frame *media.VideoFrame) {
	begin := time.Now()
	if err := e.prepare(frame); err != nil {
		e.fail(err, mostFailures)
		return
	}
	data, keyframe, err := e.encoder.Encode(frame, e.keyframes.Due(begin))
	if err != nil {
		e.fail(err, 1)
		return
	}
	e.failures = 0
	if keyframe {
		e.keyframes.Made(begin)
	}
	duration := time.Duration(float64(time.Second) / e.framerate())
	if e.last != av.NoTime {
		duration = frame.PTS - e.last
	}
	e.last = frame.PTS
	e.count(frame, data, keyframe, begin)
	if len(data) == 0 {
		return
	}
	coded := encodedFrame(data, keyframe, e.encoder.Layers(), e.key.settings.Scalability)
	coded.PTS, coded.Duration = frame.PTS, duration
	e.fanout.Write(coded)
}

// encodedFrame has the scalability mode that was asked for if the encoder has it.
func encodedFrame(data []byte, keyframe bool, layers []media.FrameLayer, asked media.ScalabilityMode) *media.EncodedFrame {
	frame := &media.EncodedFrame{Data: data, Keyframe: keyframe, Layers: layers, Cuts: &media.Cuts{}}
	if layers != nil {
		frame.Scalability = asked
	}
	return frame
}

// prepare makes the encoder, and keeps its bitrate at what size and network allow.
func (e *Video) prepare(frame *media.VideoFrame) error {
	framerate := e.framerate()
	if e.encoder == nil {
		settings := codec.VideoSettings{Framerate: framerate, Scalability: e.key.settings.Scalability}
		if e.key.hardware {
			settings.Hardware = e.chosen
		}
		encoder, name, err := codec.NewVideoEncoder(e.codec, settings)
		if err != nil {
			return err
		}
		e.encoder = encoder
		e.chosen(name, nil)
	}
	highest := e.key.settings.MaxBitrate
	if highest <= 0 {
		highest = max(codec.DefaultVideoBitrate(frame.Width, frame.Height, framerate), e.key.settings.MinBitrate)
	}
	e.highest = highest
	bitrate := e.allowed(highest)
	if bitrate == e.bitrate {
		return nil
	}
	if err := e.encoder.SetBitrate(bitrate); err != nil {
		return err
	}
	e.bitrate = bitrate
	return nil
}

// chosen is told what encodes, and why hardware does not.
func (e *Video) chosen(name string, refused error) {
	if refused != nil && e.unaccelerated == nil {
		e.source.NoHardware(e.codec.MimeType, refused)
	}
	e.unaccelerated = refused
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Encoder = name
}

// allowed is what the network's estimate allows, or what is begun with before it
// is known.
func (e *Video) allowed(highest int) int {
	settings := e.key.settings
	target := int(e.target.Load())
	if target <= 0 && settings.StartBitrate > 0 {
		now := time.Now()
		if e.began.IsZero() {
			e.began = now
		}
		target = grown(settings.StartBitrate, now.Sub(e.began))
	}
	if target <= 0 {
		return highest
	}
	floor := max(codec.VideoFloor(highest), settings.MinBitrate)
	return min(max(target, floor), highest)
}

// grown is a bitrate that nothing held back for a while: it grows by 8% a second, as
// congestion control lets it (draft-ietf-rmcat-gcc-02 section 5.5).
func grown(bitrate int, elapsed time.Duration) int {
	seconds := min(math.Floor(elapsed.Seconds()), 120)
	return int(min(float64(bitrate)*math.Pow(1.08, seconds), math.MaxInt32))
}

func (e *Video) framerate() float64 {
	framerate := 30.0
	if own := e.source.Framerate(); own > 0 {
		framerate = own
	}
	if most := e.key.settings.MaxFramerate; most > 0 {
		framerate = min(framerate, most)
	}
	return min(max(framerate, 1), 120)
}

func (e *Video) count(frame *media.VideoFrame, data []byte, keyframe bool, begin time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	e.stats.TotalEncodeTime += now.Sub(begin)
	e.stats.TargetBitrate, e.stats.HighestBitrate = e.bitrate, e.highest
	if len(data) == 0 {
		e.stats.FramesDropped++
		return
	}
	e.stats.Width, e.stats.Height = frame.Width, frame.Height
	if layers := e.encoder.Layers(); len(layers) > 0 {
		// Of the highest that the bitrate carries.
		top := layers[len(layers)-1]
		e.stats.Width, e.stats.Height = top.Width, top.Height
	}
	e.rate.Add(now)
	e.stats.FramesEncoded++
	if keyframe {
		e.stats.KeyframesEncoded++
	}
}

// fail ends the tracks when it happens too often in a row; by tells how much
// this failure counts.
func (e *Video) fail(err error, by int) {
	before := e.failures
	e.failures += by
	if before < mostFailures && e.failures >= mostFailures {
		e.source.Fail(media.Video, err)
	}
}
