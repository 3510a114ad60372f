package container

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// Container is what FFmpeg opened, with the streams that are played. The
// decoders of a stream that it holds are made when the player is.
type Container struct {
	// name is how messages call it: file "/a.mp4", URL "https://host/a.mp4".
	name    string
	demuxer Demuxer
	// live sources can't wait: what comes late is left out.
	live bool
	// sequential sources are read from the beginning to the end only.
	sequential bool
	// pump is the demuxer where reading doesn't wait for packets; else nil.
	pump Pump
	// audio and video are nil where it holds none.
	audio, video *av.Stream
}

// ErrLater says that there is no packet yet: the container's news tell of it.
var ErrLater = errors.New("no packet yet")

// Demuxer is where packets come from: FFmpeg, or a pump that reads it ahead.
type Demuxer interface {
	// Format is FFmpeg's name of the container.
	Format() string
	Streams() []av.Stream
	// Index is what the header says of every packet of a stream, where it does.
	Index(stream av.Stream) (index av.Index, ok bool)
	// Seekable says that reading ahead, to look, costs next to nothing.
	Seekable() bool
	// Jumps says that times of such a container may jump.
	Jumps() bool
	// Counts says that times are counts of samples, of the rate that it began with.
	Counts() bool
	// Duration is av.NoTime where it isn't known.
	Duration() time.Duration
	SetActive(index int, active bool)
	// Read fails with io.EOF at the end, and with errLater where there is no
	// packet yet.
	Read() (*av.Packet, error)
	Seek(index int, t time.Duration) error
	// Reopen begins anew. It need not have done so when it returns: then Read fails
	// with errLater first.
	Reopen() error
	Close()
}

// Pump is a demuxer that reads on a goroutine of its own, where reading blocks.
type Pump interface {
	Demuxer
	// News tells that packets came.
	News() <-chan struct{}
	// Lost is why nothing comes of a stream while there is other; nil where something may come.
	Lost(index int) error
	// Interrupt ends what waits, on any goroutine.
	Interrupt()
	// Follow tells by which clock a container that is live is played.
	Follow(clock *media.Clock)
}

// New chooses the streams that are played. It owns demuxer, also when
// it fails.
func New(name string, demuxer Demuxer) (*Container, error) {
	c := &Container{name: name, demuxer: demuxer}
	c.audio = prefer(c.streamsOf(media.Audio))
	c.video = prefer(c.streamsOf(media.Video))
	for _, stream := range demuxer.Streams() {
		demuxer.SetActive(stream.Index, false)
	}
	if c.audio == nil && c.video == nil {
		demuxer.Close()
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"%s holds neither sound nor pictures: expected media; check what it is with ffprobe", name)}
	}
	return c, nil
}

// Name is how messages call it.
func (c *Container) Name() string { return c.name }

// Demuxer is where its packets come from.
func (c *Container) Demuxer() Demuxer { return c.demuxer }

// Audio is the stream of sound that is played, nil where it holds none.
func (c *Container) Audio() *av.Stream { return c.audio }

// Video is that of pictures.
func (c *Container) Video() *av.Stream { return c.video }

// Live says that it can't wait: what comes late is left out.
func (c *Container) Live() bool { return c.live }

// SetLive makes it one that can't wait.
func (c *Container) SetLive() { c.live = true }

// Sequential says that it is read from the beginning to the end only.
func (c *Container) Sequential() bool { return c.sequential }

// SetSequential lets it be read from the beginning to the end only.
func (c *Container) SetSequential() { c.sequential = true }

// ReadBy lets a pump read the demuxer that it had until now.
func (c *Container) ReadBy(p Pump) { c.demuxer, c.pump = p, p }

// News tells that packets came, where reading doesn't wait for them; else nil.
func (c *Container) News() <-chan struct{} {
	if c.pump == nil {
		return nil
	}
	return c.pump.News()
}

// Lost is why nothing comes of a stream while there is other, and never will.
func (c *Container) Lost(index int) error {
	if c.pump == nil {
		return nil
	}
	return c.pump.Lost(index)
}

// Interrupt ends what waits for a network, on any goroutine.
func (c *Container) Interrupt() {
	if c.pump != nil {
		c.pump.Interrupt()
	}
}

// Follow tells a container that is live by which clock it is played.
func (c *Container) Follow(clock *media.Clock) {
	if c.pump != nil {
		c.pump.Follow(clock)
	}
}

// Stream gives the stream of a kind, or the refusal that names what there is.
func (c *Container) Stream(kind media.Kind) (*av.Stream, error) {
	stream := c.video
	if kind == media.Audio {
		stream = c.audio
	}
	if stream == nil {
		var holds []string
		for _, s := range c.demuxer.Streams() {
			if s.Kind != 0 {
				holds = append(holds, fmt.Sprintf("%v (%s)", s.Kind, s.Codec))
			}
		}
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"%s holds no %v: it holds %s; ask for that only, or use another source",
			c.name, kind, strings.Join(holds, " and "))}
	}
	return stream, nil
}

// DecoderError says that a stream can't be decoded.
func (c *Container) DecoderError(s *av.Stream, err error) error {
	return &refusal.Error{Kind: refusal.ErrNotSupported, Cause: err, Message: fmt.Sprintf(
		"the %v of %s is coded as %s, which this build does not decode: convert it, to H264 or Opus for example",
		s.Kind, c.name, s.Codec)}
}

// CheckBounds refuses what claims to be larger than anything that is played,
// before memory is taken for it. What only shows while decoding, FFmpeg refuses.
func (c *Container) CheckBounds(s *av.Stream) error {
	refuse := func(claim, expected string) error {
		return &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"the %v of %s claims %s: expected %s; it may be damaged", s.Kind, c.name, claim, expected)}
	}
	switch {
	case s.Kind == media.Video && int64(s.Width)*int64(s.Height) > av.MostPixels:
		return refuse(fmt.Sprintf("pictures of %dx%d", s.Width, s.Height),
			fmt.Sprintf("at most %d million pixels", av.MostPixels/1_000_000))
	case s.Kind == media.Audio && s.SampleRate != 0 && (s.SampleRate < av.LeastRate || s.SampleRate > av.MostRate):
		return refuse(fmt.Sprintf("%d samples a second", s.SampleRate),
			fmt.Sprintf("%d to %d", av.LeastRate, av.MostRate))
	case s.Kind == media.Audio && s.Channels > av.MostChannels:
		return refuse(fmt.Sprintf("%d channels", s.Channels), fmt.Sprintf("at most %d", av.MostChannels))
	}
	return nil
}

// Cancelled says that opening was cut short.
func (c *Container) Cancelled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &refusal.Error{Kind: refusal.ErrTimeout, Cause: ctx.Err(), Message: c.name + " took too long to open: raise timeout, or check the disk"}
	}
	return &refusal.Error{Kind: refusal.ErrClosed, Cause: ctx.Err(), Message: "opening " + c.name + " was cancelled"}
}

// Broken is the reason of an end that came too early.
func (c *Container) Broken(err error) error {
	var told *refusal.Error
	if errors.As(err, &told) {
		return told
	}
	return &refusal.Error{Kind: refusal.ErrBroken, Cause: err, Message: fmt.Sprintf(
		"%s could not be read on: %v", c.name, err)}
}

// LeastBetween is how far pictures of a live source lie apart at the least: what
// came in a burst may have been placed at one time, which encoders take for a
// thousand pictures a second.
const LeastBetween = 2 * time.Millisecond
