package passing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing/format"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/reading"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// Choice is what of a container can be sent as it is: no decoding, no encoding.
type Choice struct {
	name string
	// decode is the user's: nil to choose, false to pass, true never to pass.
	decode *bool
	kinds  map[media.Kind]*candidate
}

type candidate struct {
	stream  *av.Stream
	format  format.Format
	outlook Outlook
	input   *Input
	// altered pictures are not to be seen as they are coded.
	altered bool
	// refusal is why nothing passes; "" where something does.
	refusal string
}

// onlyRecovers is why what has recovery points instead of keyframes does not pass:
// browsers and servers begin with an IDR picture alone, so that who comes late would see nothing.
const onlyRecovers = "it has recovery points (periodic intra refresh, open groups) instead of IDR pictures"

// None is of what is always decoded.
func None(name string) *Choice { return &Choice{name: name} }

// Choose looks at what the container of r holds, which reads on a bit, until ctx ends.
func Choose(ctx context.Context, r *reading.Reader, decode *bool) *Choice {
	c := r.Container()
	p := &Choice{name: c.Name(), decode: decode, kinds: make(map[media.Kind]*candidate)}
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
	outlooks := look(ctx, r, worth, p.Forced())
	for _, stream := range streams {
		k := &candidate{stream: stream, outlook: outlooks[stream], altered: !stream.ShownAsCoded()}
		k.format, k.refusal = format.New(stream, k.outlook.First)
		if k.refusal == "" && k.outlook.Reordered {
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

// Forced says that nothing may be decoded.
func (p *Choice) Forced() bool { return p.decode != nil && !*p.decode }

// Input is what hands out the packets of a kind; nil where they can't pass.
func (p *Choice) Input(kind media.Kind) *Input {
	if k := p.kinds[kind]; k != nil {
		return k.input
	}
	return nil
}

// Decides reports whether a kind can be had only as it is coded, if at all, or can be had so.
func (p *Choice) Decides(kind media.Kind) bool {
	k := p.kinds[kind]
	return k != nil && (k.input != nil || p.Forced())
}

// Connect makes the packets of a kind go to stream.
func (p *Choice) Connect(kind media.Kind, stream *Stream) {
	if k := p.kinds[kind]; k != nil && k.input != nil {
		k.input.stream = stream
		stream.describe(k.stream, k.outlook.Bitrate)
	}
}

// Can tells why a kind can't be had without decoding, where that was asked for.
func (p *Choice) Can(kind media.Kind) error {
	if k := p.kinds[kind]; p.Forced() && k != nil && k.refusal != "" {
		return p.Refuse(kind, k.refusal)
	}
	return nil
}

// Refuse says that a kind can't pass, though it has to.
func (p *Choice) Refuse(kind media.Kind, reason string) error {
	return &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
		"the %v of %s can't be passed through (decode: false): %s; leave decode out to transcode it",
		kind, p.name, reason)}
}

// Unfit tells why a feed does not get the packets as they are.
func (p *Choice) Unfit(kind media.Kind, c media.Codec, settings media.EncodingSettings) string {
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
	if reason := k.format.Unfit(c, p.Forced()); reason != "" || p.Forced() {
		return reason
	}
	return k.unwise(settings)
}

// unwise tells why what could be passed is better transcoded.
func (k *candidate) unwise(settings media.EncodingSettings) string {
	if most := settings.MaxBitrate; most > 0 && (k.outlook.Bitrate <= 0 || k.outlook.Bitrate > most) {
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
	case k.outlook.Gap > longestGroup:
		return fmt.Sprintf("keyframes are %.1f s apart", k.outlook.Gap.Seconds())
	case !k.outlook.Known:
		return fmt.Sprintf("keyframes are not known to come every %v", longestGroup.Round(time.Second))
	}
	return ""
}
