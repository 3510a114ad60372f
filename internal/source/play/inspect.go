package play

import (
	"context"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
)

// Container is what it plays.
func (p *Player) Container() *container.Container { return p.reader.Container() }

// Inspect looks at the beginning of what would be played, by the index of the stream. It can't be played after it.
func (p *Player) Inspect(ctx context.Context) map[int]passing.Outlook {
	p.openDecoder(media.Audio)
	p.openDecoder(media.Video)
	return passing.Inspect(ctx, p.reader)
}

// Decodable reports whether a kind can be decoded.
func (p *Player) Decodable(kind media.Kind) bool { return p.undecodable[kind] == nil }

// Unfit tells why a feed of c does not get the packets as they are.
func (p *Player) Unfit(kind media.Kind, c media.Codec) string {
	return p.passing.Unfit(kind, c, media.EncodingSettings{})
}

// Decoded are the kinds that a decoder was opened for.
func (p *Player) Decoded() (kinds []media.Kind) {
	if p.audio != nil && p.audio.decoder != nil {
		kinds = append(kinds, media.Audio)
	}
	if p.video != nil && p.video.decoder != nil {
		kinds = append(kinds, media.Video)
	}
	return kinds
}
