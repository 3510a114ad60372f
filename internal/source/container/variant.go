package container

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// mostVariant is the largest picture that is taken of a playlist's by itself.
const mostVariant = 1920 * 1080

// ChooseVariant takes of a playlist with several variants the best that is not larger than
// mostVariant, and the sound that belongs to it; options choose otherwise.
func (c *Container) ChooseVariant(demuxer *av.Demuxer, options map[string]string) error {
	if demuxer.Segmented() {
		c.video = best(c.streamsOf(media.Video))
		if c.video == nil {
			c.audio = best(c.streamsOf(media.Audio))
		}
	}
	if err := c.choose(options); err != nil {
		return err
	}
	if _, chosen := options[OptionAudioStream]; chosen || c.video == nil {
		return nil
	}
	var beside []av.Stream
	for _, stream := range c.streamsOf(media.Audio) {
		if demuxer.Together(stream, *c.video) {
			beside = append(beside, stream)
		}
	}
	if len(beside) > 0 {
		c.audio = prefer(beside)
	}
	return nil
}

// best is the stream of the variant that is played where nothing was chosen.
func best(streams []av.Stream) *av.Stream {
	var best *av.Stream
	for i := range streams {
		if best == nil || better(&streams[i], best) {
			best = &streams[i]
		}
	}
	return best
}

func better(a, b *av.Stream) bool {
	sizeA, sizeB := a.Width*a.Height, b.Width*b.Height
	fitsA, fitsB := sizeA <= mostVariant, sizeB <= mostVariant
	switch {
	case a.Decodable() != b.Decodable():
		return a.Decodable()
	case fitsA != fitsB:
		return fitsA
	case sizeA != sizeB:
		return sizeA > sizeB == fitsA
	default:
		return a.Bitrate() > b.Bitrate()
	}
}
