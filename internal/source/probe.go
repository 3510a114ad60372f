package source

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// Probed is what a source holds.
type Probed struct {
	// Format is FFmpeg's name of the container.
	Format string
	// Duration is av.NoTime where it isn't known.
	Duration time.Duration
	// Live sources come in real time.
	Live    bool
	Streams []ProbedStream
}

// ProbedStream is one stream of a source, and how it would be sent.
type ProbedStream struct {
	av.Stream
	// Played streams are those that tracks are made of.
	Played bool
	// Decodable says whether this build can decode it, for what is played.
	Decodable bool
	// Bitrate in bits a second, 0 where it isn't known.
	Bitrate int
	// KeyframeInterval is the longest time between keyframes that was seen, 0 for sound;
	// KeyframesKnown says that enough was seen.
	KeyframeInterval time.Duration
	KeyframesKnown   bool
	// Reordered pictures are not coded in the order in which they are shown: B-frames.
	Reordered bool
	// Ways has one entry for each codec of the kind that was asked about.
	Ways []ProbedWay
}

// ProbedWay is how a stream would be sent in a codec.
type ProbedWay struct {
	Codec media.Codec
	// Passes as it is; Impossible where it can't be sent in the codec at all. What is
	// neither is transcoded.
	Passes, Impossible bool
	// Reason why it does not pass, and why nothing else is possible.
	Reason string
}

// inspected is an engine of a container, which can be looked at instead of being played.
type inspected interface {
	engine.Engine
	Container() *container.Container
	Inspect(ctx context.Context) map[int]passing.Outlook
	Decodable(kind media.Kind) bool
	Unfit(kind media.Kind, c media.Codec) string
}

// Probe opens the source that spec names, looks at its beginning and closes it. It
// tells how tracks of it would be sent in each of codecs. It fails with an *Error.
func Probe(ctx context.Context, start routine.Start, log Logger, spec Spec, codecs []media.Codec) (*Probed, error) {
	if spec.Type == "device" {
		return nil, &refusal.Error{Kind: refusal.ErrInvalid, Message: "devices can't be probed: expected a source of type \"file\" or \"url\""}
	}
	spec, value, err := spec.resolve(nil)
	if err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, start, log, spec, value)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	p, ok := e.(inspected)
	if !ok {
		return nil, &refusal.Error{Kind: refusal.ErrUnsupported, Message: e.Name() + " can't be probed"}
	}
	c := p.Container()
	defer recovery.AfterFunc(ctx, "stop probing a source", c.Interrupt)()
	// Before a live source that drops is opened anew.
	extradata := make(map[int][]byte)
	for _, stream := range c.Demuxer().Streams() {
		extradata[stream.Index] = stream.Extradata()
	}
	outlooks := p.Inspect(ctx)
	if ctx.Err() != nil {
		return nil, &refusal.Error{Kind: refusal.ErrClosed, Message: fmt.Sprintf("probing %s was cancelled", c.Name())}
	}
	probed := &Probed{
		Format: c.Demuxer().Format(), Duration: c.Demuxer().Duration(), Live: c.Live(),
	}
	for _, stream := range c.Demuxer().Streams() {
		one := ProbedStream{Stream: stream}
		if o, played := outlooks[stream.Index]; played {
			one.Played, one.Decodable = true, p.Decodable(stream.Kind)
			one.Bitrate, one.Reordered = o.Bitrate, o.Reordered
			if stream.Kind == media.Video {
				one.KeyframeInterval, one.KeyframesKnown = o.Gap, o.Known
			}
			one.learn(extradata[stream.Index], o.First)
			one.Ways = ways(p, stream.Kind, codecs)
		}
		probed.Streams = append(probed.Streams, one)
	}
	return probed, nil
}

// learn completes what containers leave out, from the stream itself.
func (s *ProbedStream) learn(extradata, first []byte) {
	if profile := format.Profile(s.Codec, extradata, first); profile != "" {
		s.Profile = profile
	}
}

// ways tells how the stream of a kind would be sent in those of codecs that are of the kind.
func ways(p inspected, kind media.Kind, codecs []media.Codec) []ProbedWay {
	s := &source{engine: p}
	of := slices.DeleteFunc(slices.Clone(codecs), func(c media.Codec) bool {
		name, _, _ := strings.Cut(c.MimeType, "/")
		return !strings.EqualFold(name, kind.String())
	})
	ways := make([]ProbedWay, 0, len(of))
	for _, c := range of {
		way := ProbedWay{Codec: c, Reason: p.Unfit(kind, c)}
		passes, err := s.check(kind, c, media.EncodingSettings{})
		way.Passes, way.Impossible = passes, err != nil
		if err != nil {
			way.Reason += "; " + strings.TrimPrefix(err.Error(), media.ErrCodecUnavailable.Error()+": ")
		}
		ways = append(ways, way)
	}
	return ways
}
