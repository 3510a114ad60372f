package play

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
)

// Passes reports whether a feed of c and settings gets the packets as they are; refusal tells why it can't be had
// in any other way.
func (p *Player) Passes(kind media.Kind, c media.Codec, settings media.EncodingSettings) (passes bool, refusal error) {
	reason := p.passing.Unfit(kind, c, settings)
	switch {
	case reason == "":
		return true, nil
	case p.passing.Forced():
		return false, p.passing.Refuse(kind, reason)
	default:
		return false, p.undecodable[kind]
	}
}

// PassTo makes packets of a kind go to stream.
func (p *Player) PassTo(kind media.Kind, stream *passing.Stream) {
	p.passing.Connect(kind, stream)
}
