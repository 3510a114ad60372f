package encode

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// blankInterval is how far black pictures lie apart: they all look alike, so one
// a second keeps the stream alive, for a thirtieth of the packets.
const blankInterval = time.Second

// BlankVideo writes the black pictures that the feeds of disabled tracks get
// (Media Capture and Streams section 4.3.1), in step with the pictures that they
// stand for: of the same size and on the same clock. The fan-out is the one of
// those pictures, be they encoded here or passed through. Nothing is made while
// no track is disabled. It belongs to one goroutine.
type BlankVideo struct {
	pictures *blackPictures
	fanout   *media.Fanout

	begun bool
	last  time.Duration
}

// NewBlankVideo makes one for a stream of that codec, and its layers.
func NewBlankVideo(c media.Codec, scalability media.ScalabilityMode, fanout *media.Fanout) *BlankVideo {
	return &BlankVideo{pictures: newBlackPictures(c, scalability), fanout: fanout}
}

// Offer tells of a picture of that size and time. It writes a black one in its
// place to whoever is to see that, when one is due.
func (b *BlankVideo) Offer(pts time.Duration, width, height int) error {
	if !b.fanout.BlankWanted() {
		b.begun = false
		return nil
	}
	now := time.Now()
	requested := b.fanout.BlankKeyframes().Due(now)
	if since := pts - b.last; b.begun && !requested && since >= 0 && since < blankInterval {
		return nil
	}
	coded, err := b.pictures.take(width, height)
	if err != nil || coded == nil {
		return err
	}
	b.begun, b.last = true, pts
	b.fanout.BlankKeyframes().Made(now)
	frame := *coded
	frame.PTS, frame.Duration = pts, blankInterval
	b.fanout.WriteBlank(&frame)
	return nil
}

// BlankAudio writes the silence that the feeds of disabled tracks get. One
// packet is coded, and sent again and again: silence leaves no trace in a decoder.
type BlankAudio struct {
	codec  media.Codec
	stereo bool
	fanout *media.Fanout

	packet []byte
}

// NewBlankAudio makes one for a stream of that codec.
func NewBlankAudio(c media.Codec, stereo bool, fanout *media.Fanout) *BlankAudio {
	return &BlankAudio{codec: c, stereo: stereo, fanout: fanout}
}

// Offer tells of sound of that time and length. It writes as much silence in its
// place to whoever is to hear that.
func (b *BlankAudio) Offer(pts, length time.Duration) error {
	if !b.fanout.BlankWanted() {
		return nil
	}
	packet, err := b.take()
	if err != nil {
		return err
	}
	for end := pts + length; pts < end; pts += codec.FrameDuration {
		b.fanout.WriteBlank(silentFrame(packet, pts))
	}
	return nil
}

// take gives the packet.
func (b *BlankAudio) take() (packet []byte, err error) {
	if b.packet == nil {
		b.packet, err = silentPacket(b.codec, b.stereo)
	}
	return b.packet, err
}

// Frame gives silence of that time.
func (b *BlankAudio) Frame(at time.Duration) (*media.EncodedFrame, error) {
	packet, err := b.take()
	if err != nil {
		return nil, err
	}
	return silentFrame(packet, at), nil
}

func silentFrame(packet []byte, at time.Duration) *media.EncodedFrame {
	return &media.EncodedFrame{
		Data: packet, PTS: at, Duration: codec.FrameDuration, Keyframe: true,
		AudioLevel: media.AudioLevel(nil),
	}
}

// silentPacket is the second of an encoder: the first has the marks of its beginning.
func silentPacket(c media.Codec, stereo bool) ([]byte, error) {
	encoder, _, err := codec.NewAudioEncoder(c, codec.AudioSettings{Stereo: stereo})
	if err != nil {
		return nil, err
	}
	defer encoder.Close()
	silence := make([]int16, encoder.SampleRate()/50*encoder.Channels())
	var packet []byte
	for range 2 {
		if packet, err = encoder.Encode(silence); err != nil {
			return nil, err
		}
	}
	return packet, nil
}
