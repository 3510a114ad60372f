package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

const (
	// probeSpan is how much of the media a probe looks at, mostProbed in bytes.
	probeSpan  = 10 * time.Second
	mostProbed = 64 << 20
	// probePatience is how long it waits for what comes in real time.
	probePatience = 5 * time.Second
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
	p, ok := e.(*player)
	if !ok {
		return nil, &refusal.Error{Kind: refusal.ErrUnsupported, Message: e.Name() + " can't be probed"}
	}
	container := p.reader.container
	defer recovery.AfterFunc(ctx, container.Interrupt)()
	// Before a live source that drops is opened anew.
	extradata := make(map[int][]byte)
	for _, stream := range container.Demuxer().Streams() {
		extradata[stream.Index] = stream.Extradata()
	}
	p.openDecoders(func(media.Kind) bool { return true })
	outlooks := p.reader.inspect(ctx)
	if ctx.Err() != nil {
		return nil, &refusal.Error{Kind: refusal.ErrClosed, Message: fmt.Sprintf("probing %s was cancelled", container.Name())}
	}
	probed := &Probed{
		Format: container.Demuxer().Format(), Duration: container.Demuxer().Duration(), Live: container.Live(),
	}
	for _, stream := range container.Demuxer().Streams() {
		one := ProbedStream{Stream: stream}
		if o, played := outlooks[stream.Index]; played {
			one.Played, one.Decodable = true, p.undecodable[stream.Kind] == nil
			one.Bitrate, one.Reordered = o.bitrate, o.reordered
			if stream.Kind == media.Video {
				one.KeyframeInterval, one.KeyframesKnown = o.gap, o.known
			}
			one.learn(extradata[stream.Index], o.first)
			one.Ways = p.ways(stream.Kind, codecs)
		}
		probed.Streams = append(probed.Streams, one)
	}
	return probed, nil
}

// inspect looks at the beginning of what is played, by the index of the stream. The
// reader can't be played after it.
func (r *reader) inspect(ctx context.Context) map[int]outlook {
	c, viewers := r.container, make(map[int]*viewer)
	for _, stream := range []*av.Stream{c.Audio(), c.Video()} {
		if stream != nil {
			c.Demuxer().SetActive(stream.Index, true)
			viewers[stream.Index] = newViewer(c, stream)
		}
	}
	patience := time.NewTimer(probePatience)
	defer patience.Stop()
	ended := false
	for bytes := 0; bytes < mostProbed && ctx.Err() == nil && !seenAll(viewers); {
		packet, err := r.fetch()
		if errors.Is(err, container.ErrLater) {
			select {
			case <-c.News():
				continue
			case <-patience.C:
			case <-ctx.Done():
			}
			break
		}
		if err != nil {
			ended = errors.Is(err, io.EOF)
			break
		}
		bytes += packet.Size
		if v := viewers[packet.Stream]; v != nil {
			v.add(packet)
		}
		packet.Release()
	}
	outlooks := make(map[int]outlook)
	for index, v := range viewers {
		outlooks[index] = v.finish(ended)
	}
	return outlooks
}

func seenAll(viewers map[int]*viewer) bool {
	for _, v := range viewers {
		if v.span() < probeSpan {
			return false
		}
	}
	return true
}

// learn completes what containers leave out, from the stream itself.
func (s *ProbedStream) learn(extradata, first []byte) {
	if profile := format.Profile(s.Codec, extradata, first); profile != "" {
		s.Profile = profile
	}
}

// ways tells how the stream of a kind would be sent in those of codecs that are of the kind.
func (p *player) ways(kind media.Kind, codecs []media.Codec) []ProbedWay {
	s := &source{engine: p}
	of := slices.DeleteFunc(slices.Clone(codecs), func(c media.Codec) bool {
		name, _, _ := strings.Cut(c.MimeType, "/")
		return !strings.EqualFold(name, kind.String())
	})
	ways := make([]ProbedWay, 0, len(of))
	for _, c := range of {
		way := ProbedWay{Codec: c, Reason: p.passing.unfit(kind, c, media.EncodingSettings{})}
		passes, err := s.check(kind, c, media.EncodingSettings{})
		way.Passes, way.Impossible = passes, err != nil
		if err != nil {
			way.Reason += "; " + strings.TrimPrefix(err.Error(), media.ErrCodecUnavailable.Error()+": ")
		}
		ways = append(ways, way)
	}
	return ways
}
