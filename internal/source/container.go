package source

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

// container is what FFmpeg opened, with the streams that are played. The
// decoders of a stream that it holds are made when the player is.
type container struct {
	// name is how messages call it: file "/a.mp4", URL "https://host/a.mp4".
	name    string
	demuxer demuxer
	// live sources can't wait: what comes late is left out.
	live bool
	// sequential sources are read from the beginning to the end only.
	sequential bool
	// news tells that packets came, where reading doesn't wait for them; else nil.
	news <-chan struct{}
	// audio and video are nil where it holds none.
	audio, video *av.Stream
}

// demuxer is where packets come from: FFmpeg, or a pump that reads it ahead.
type demuxer interface {
	// Format is FFmpeg's name of the container.
	Format() string
	Streams() []av.Stream
	// Index is what the header says of every packet of a stream, where it does.
	Index(stream av.Stream) (index av.Index, ok bool)
	// Seekable says that reading ahead, to look, costs next to nothing.
	Seekable() bool
	// Jumps says that times of such a container may jump.
	Jumps() bool
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

// newContainer chooses the streams that are played. It owns demuxer, also when
// it fails.
func newContainer(name string, demuxer *av.Demuxer) (*container, error) {
	c := &container{name: name, demuxer: demuxer}
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

// stream gives the stream of a kind, or the refusal that names what there is.
func (c *container) stream(kind media.Kind) (*av.Stream, error) {
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

// decoderError says that a stream can't be decoded.
func (c *container) decoderError(s *av.Stream, err error) error {
	return &refusal.Error{Kind: refusal.ErrNotSupported, Cause: err, Message: fmt.Sprintf(
		"the %v of %s is coded as %s, which this build does not decode: convert it, to H264 or Opus for example",
		s.Kind, c.name, s.Codec)}
}

// checkBounds refuses what claims to be larger than anything that is played,
// before memory is taken for it. What only shows while decoding, FFmpeg refuses.
func (c *container) checkBounds(s *av.Stream) error {
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

// cancelled says that opening was cut short.
func (c *container) cancelled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &refusal.Error{Kind: refusal.ErrTimeout, Cause: ctx.Err(), Message: c.name + " took too long to open: raise timeout, or check the disk"}
	}
	return &refusal.Error{Kind: refusal.ErrClosed, Cause: ctx.Err(), Message: "opening " + c.name + " was cancelled"}
}

// broken is the reason of an end that came too early.
func (c *container) broken(err error) error {
	var told *refusal.Error
	if errors.As(err, &told) {
		return told
	}
	return &refusal.Error{Kind: refusal.ErrBroken, Cause: err, Message: fmt.Sprintf(
		"%s could not be read on: %v", c.name, err)}
}
