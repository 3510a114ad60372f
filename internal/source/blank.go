package source

import (
	"errors"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// blankInterval is how far black pictures lie apart: they all look alike, so
	// one a second keeps the stream alive, for a thirtieth of the cost.
	blankInterval = time.Second
	// blankBitrate is far more than black needs.
	blankBitrate = 100_000
)

// blankVideo encodes the black pictures that the feeds of disabled tracks get
// (Media Capture and Streams section 4.3.1), in step with the pictures that they
// stand for: of the same size and on the same clock. The fan-out is the one of
// those pictures, be they encoded here or passed through. Nothing is made, and
// no encoder held, while no track is disabled. It belongs to one goroutine, but
// for due.
type blankVideo struct {
	codec  media.Codec
	fanout *media.Fanout

	encoder codec.VideoEncoder
	// unavailable is a codec that only passes through here: nothing is sent then.
	unavailable bool
	picture     *media.VideoFrame
	// last is the time of the last black picture, if there was one.
	last time.Duration
}

func newBlankVideo(c media.Codec, fanout *media.Fanout) *blankVideo {
	return &blankVideo{codec: c, fanout: fanout, last: noBlank}
}

// noBlank is far enough away for a black picture to be due at any time.
const noBlank = -time.Hour

// offer tells of a picture of that size and time. It writes a black one in its
// place to whoever is to see that, when one is due.
func (b *blankVideo) offer(pts time.Duration, width, height int) error {
	if b.unavailable || !b.fanout.BlankWanted() {
		b.close()
		return nil
	}
	now := time.Now()
	keyframe := b.fanout.BlankKeyframes().Due(now)
	if since := pts - b.last; !keyframe && since >= 0 && since < blankInterval {
		return nil
	}
	if b.encoder == nil {
		encoder, _, err := codec.NewVideoEncoder(b.codec, codec.VideoSettings{Framerate: 1, Bitrate: blankBitrate})
		if errors.Is(err, codec.ErrUnknownCodec) {
			b.unavailable = true
			return nil
		}
		if err != nil {
			return err
		}
		b.encoder = encoder
	}
	if b.picture == nil || b.picture.Width != width || b.picture.Height != height {
		b.picture = blackPicture(width, height)
	}
	b.picture.PTS = pts
	data, isKeyframe, err := b.encoder.Encode(b.picture, keyframe)
	if err != nil {
		return err
	}
	b.last = pts
	if isKeyframe {
		b.fanout.BlankKeyframes().Made(now)
	}
	if len(data) > 0 {
		b.fanout.WriteBlank(&media.EncodedFrame{
			Data: data, PTS: pts, Duration: blankInterval, Keyframe: isKeyframe,
		})
	}
	return nil
}

// close frees the encoder. offer after it starts afresh.
func (b *blankVideo) close() {
	if b.encoder == nil {
		return
	}
	_ = b.encoder.Close()
	b.encoder, b.picture, b.last = nil, nil, noBlank
}

func blackPicture(width, height int) *media.VideoFrame {
	f := media.NewVideoFrame(width, height)
	for i := range f.Y {
		f.Y[i] = 16
	}
	for _, plane := range [][]byte{f.U, f.V} {
		for i := range plane {
			plane[i] = 128
		}
	}
	return f
}

// blankAudio writes the silence that the feeds of disabled tracks get. One
// packet is coded, and sent again and again: silence leaves no trace in a decoder.
type blankAudio struct {
	codec  media.Codec
	stereo bool
	fanout *media.Fanout

	packet []byte
}

func newBlankAudio(c media.Codec, stereo bool, fanout *media.Fanout) *blankAudio {
	return &blankAudio{codec: c, stereo: stereo, fanout: fanout}
}

// offer tells of sound of that time and length. It writes as much silence in its
// place to whoever is to hear that.
func (b *blankAudio) offer(pts, length time.Duration) error {
	if !b.fanout.BlankWanted() {
		return nil
	}
	if b.packet == nil {
		packet, err := silentPacket(b.codec, b.stereo)
		if err != nil {
			return err
		}
		b.packet = packet
	}
	for end := pts + length; pts < end; pts += codec.FrameDuration {
		b.fanout.WriteBlank(&media.EncodedFrame{
			Data: b.packet, PTS: pts, Duration: codec.FrameDuration, Keyframe: true,
			AudioLevel: media.AudioLevel(nil),
		})
	}
	return nil
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
