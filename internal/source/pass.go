package source

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// passer is an engine whose packets may be sent as they are.
type passer interface {
	// passes reports whether a feed of c and settings gets the packets of the
	// source. Where it doesn't, refusal tells why it can't be transcoded either;
	// nil says that it can.
	passes(kind media.Kind, c media.Codec, settings media.EncodingSettings) (passes bool, refusal error)
	// passTo makes packets of kind go to stream too.
	passTo(kind media.Kind, stream *passStream)
}

// passFrom makes the streams of what e passes through.
func (s *source) passFrom(e engine.Engine) {
	from, ok := e.(passer)
	if !ok {
		return
	}
	s.passed = make(map[media.Kind]*passStream)
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		s.passed[kind] = newPassStream(s, kind)
		from.passTo(kind, s.passed[kind])
	}
}

// check reports whether a feed gets the packets as they are, or why there can't
// be one at all.
func (s *source) check(kind media.Kind, c media.Codec, settings media.EncodingSettings) (passes bool, err error) {
	if from, ok := s.engine.(passer); ok {
		passes, err := from.passes(kind, c, settings)
		if passes || err != nil {
			return passes, err
		}
	}
	if strings.EqualFold(c.MimeType, codec.MimeH264) && format.Parameters(c)["packetization-mode"] == "0" {
		return false, fmt.Errorf("%w: H264 is not encoded for packetization-mode 0", media.ErrCodecUnavailable)
	}
	if !codec.Supports(kind, c) {
		return false, fmt.Errorf("%w: there is no encoder for %q", media.ErrCodecUnavailable, c.MimeType)
	}
	if strings.EqualFold(c.MimeType, codec.MimeMultiopus) {
		if _, err := codec.MultiopusLayout(c); err != nil {
			return false, fmt.Errorf("%w: %w", media.ErrCodecUnavailable, err)
		}
	}
	return false, nil
}

// CheckCodec implements media.CodecChecker.
func (t *track) CheckCodec(c media.Codec, settings media.EncodingSettings) error {
	_, err := t.source.check(t.kind, c, settings)
	return err
}

// passing is what of a container can be sent as it is: no decoding, no encoding.
type passing struct {
	name string
	// decode is the user's: nil to choose, false to pass, true never to pass.
	decode *bool
	kinds  map[media.Kind]*passKind
}

type passKind struct {
	stream  *av.Stream
	format  format.Format
	outlook outlook
	input   *passInput
	// altered pictures are not to be seen as they are coded.
	altered bool
	// refusal is why nothing passes; "" where something does.
	refusal string
}

// onlyRecovers is why what has recovery points instead of keyframes does not pass:
// browsers and servers begin with an IDR picture alone, so that who comes late would see nothing.
const onlyRecovers = "it has recovery points (periodic intra refresh, open groups) instead of IDR pictures"

// newPassing looks at what the container of r holds, which reads on a bit, until ctx ends.
func newPassing(ctx context.Context, r *reader, decode *bool) *passing {
	c := r.container
	p := &passing{name: c.Name(), decode: decode, kinds: make(map[media.Kind]*passKind)}
	if decode != nil && *decode {
		return p
	}
	var streams, worth []*av.Stream
	for _, stream := range []*av.Stream{c.Audio(), c.Video()} {
		if stream == nil {
			continue
		}
		streams = append(streams, stream)
		if format.Known(stream.Codec) {
			worth = append(worth, stream)
		}
	}
	outlooks := r.look(ctx, worth, p.forced())
	for _, stream := range streams {
		k := &passKind{stream: stream, outlook: outlooks[stream], altered: !stream.ShownAsCoded()}
		k.format, k.refusal = format.New(stream, k.outlook.first)
		if k.refusal == "" && k.outlook.reordered {
			k.refusal = "it holds B-frames"
		}
		if k.refusal == "" && k.outlook.recovers {
			k.refusal = onlyRecovers
		}
		if k.refusal == "" {
			k.input = newPassInput(r, stream, k.format)
		}
		p.kinds[stream.Kind] = k
	}
	return p
}

func (p *passing) forced() bool { return p.decode != nil && !*p.decode }

// can tells why a kind can't be had without decoding, where that was asked for.
func (p *passing) can(kind media.Kind) error {
	if k := p.kinds[kind]; p.forced() && k != nil && k.refusal != "" {
		return p.refuse(kind, k.refusal)
	}
	return nil
}

func (p *passing) refuse(kind media.Kind, reason string) error {
	return &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
		"the %v of %s can't be passed through (decode: false): %s; leave decode out to transcode it",
		kind, p.name, reason)}
}

// unfit tells why a feed does not get the packets as they are.
func (p *passing) unfit(kind media.Kind, c media.Codec, settings media.EncodingSettings) string {
	if p.decode != nil && *p.decode {
		return "decode: true was asked for"
	}
	k := p.kinds[kind]
	switch {
	case k == nil:
		return "there is none"
	case k.format != nil && !strings.EqualFold(k.format.MimeType(), c.MimeType):
		return fmt.Sprintf("it is coded as %s, %s was negotiated", k.format.MimeType(), c.MimeType)
	case k.refusal != "":
		return k.refusal
	}
	if settings.Simulcast {
		return "it is to be sent in several encodings"
	}
	if reason := k.format.Unfit(c, p.forced()); reason != "" || p.forced() {
		return reason
	}
	return k.unwise(settings)
}

// unwise tells why what could be passed is better transcoded.
func (k *passKind) unwise(settings media.EncodingSettings) string {
	if most := settings.MaxBitrate; most > 0 && (k.outlook.bitrate <= 0 || k.outlook.bitrate > most) {
		return fmt.Sprintf("its bitrate is not known to be within %d bit/s", most)
	}
	if k.stream.Kind != media.Video {
		if settings.DTX || settings.PacketDuration > 0 || settings.MaxPlaybackRate > 0 {
			return "options of the encoder were asked for"
		}
		return ""
	}
	if settings.ScaleDownBy > 1 {
		return fmt.Sprintf("a size %g times smaller was asked for", settings.ScaleDownBy)
	}
	if settings.Scalability.Layered() {
		return "layers (" + settings.Scalability.String() + ") were asked for"
	}
	if most := settings.MaxFramerate; most > 0 && (k.stream.Framerate <= 0 || k.stream.Framerate > most) {
		return fmt.Sprintf("its frame rate is not known to be within %g", most)
	}
	switch {
	case k.altered:
		return "its pictures have to be turned, stretched, deinterlaced or put over black"
	case k.outlook.gap > longestGroup:
		return fmt.Sprintf("keyframes are %.1f s apart", k.outlook.gap.Seconds())
	case !k.outlook.known:
		return fmt.Sprintf("keyframes are not known to come every %v", longestGroup.Round(time.Second))
	}
	return ""
}

// passes implements passer.
func (p *player) passes(kind media.Kind, c media.Codec, settings media.EncodingSettings) (bool, error) {
	reason := p.passing.unfit(kind, c, settings)
	switch {
	case reason == "":
		return true, nil
	case p.passing.forced():
		return false, p.passing.refuse(kind, reason)
	default:
		return false, p.undecodable[kind]
	}
}

// passTo implements passer.
func (p *player) passTo(kind media.Kind, stream *passStream) {
	if k := p.passing.kinds[kind]; k != nil && k.input != nil {
		k.input.stream = stream
		stream.describe(k.stream, k.outlook.bitrate)
	}
}
