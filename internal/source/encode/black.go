package encode

import (
	"errors"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// blackBitrate is far more than black needs, and carries all its layers.
const blackBitrate = 10_000_000

// blackPictures are black pictures of one codec, each a keyframe: no encoder has
// to be held for them, and who joins begins with any of them. It belongs to one
// goroutine.
type blackPictures struct {
	codec media.Codec
	// scalability is of the stream that they stand for: servers forward one layer.
	scalability media.ScalabilityMode
	// unavailable is a codec that has no encoder here: nothing is sent then.
	unavailable bool

	width, height int
	// coded alternate: neighbours are two pictures to decoders of H264 because their
	// idr_pic_id differ.
	coded [2]*media.EncodedFrame
	next  int
}

func newBlackPictures(c media.Codec, scalability media.ScalabilityMode) *blackPictures {
	return &blackPictures{codec: c, scalability: scalability}
}

// take gives a coded picture of that size, without times; nil where there is no encoder.
func (b *blackPictures) take(width, height int) (*media.EncodedFrame, error) {
	if b.unavailable {
		return nil, nil
	}
	if b.width != width || b.height != height {
		coded, err := encodeBlack(b.codec, b.scalability, width, height)
		if errors.Is(err, codec.ErrUnknownCodec) {
			b.unavailable = true
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		b.coded, b.width, b.height = coded, width, height
	}
	b.next = 1 - b.next
	return b.coded[b.next], nil
}

func encodeBlack(c media.Codec, scalability media.ScalabilityMode, width, height int) (coded [2]*media.EncodedFrame, err error) {
	encoder, _, err := codec.NewVideoEncoder(c, codec.VideoSettings{
		Framerate: 1, Bitrate: blackBitrate, Scalability: scalability,
	})
	if err != nil {
		return coded, err
	}
	defer encoder.Close()
	picture := media.NewBlackFrame(width, height)
	for i := range coded {
		// Rate control may leave one out.
		for range mostFailures {
			picture.PTS += blankInterval
			data, keyframe, err := encoder.Encode(picture, true)
			if err != nil {
				return coded, err
			}
			if keyframe && len(data) > 0 {
				coded[i] = encodedFrame(data, keyframe, encoder.Layers(), scalability)
				break
			}
		}
		if coded[i] == nil {
			return coded, errors.New("no black picture could be encoded")
		}
	}
	return coded, nil
}
