package codec

import (
	"errors"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// NewAudioDecoder makes a decoder of c, whose sound has the codec's own rate.
// Close releases it.
func NewAudioDecoder(c media.Codec) (AudioDecoder, error) {
	switch {
	case is(c, MimeOpus):
		// RTP knows Opus as stereo only (RFC 7587 section 7).
		return newOpusDecoder(opus.Stereo())
	case is(c, MimeMultiopus):
		layout, err := MultiopusLayout(c)
		if err != nil {
			return nil, err
		}
		return newOpusDecoder(layout)
	case is(c, MimePCMU), is(c, MimePCMA), is(c, MimeG722):
	default:
		return nil, fmt.Errorf("decode %s: %w", c.MimeType, ErrUnknownCodec)
	}
	rate := rateOf(c)
	inner, err := av.NewRealtimeAudioDecoder(nameOf(c), rate, 1)
	if err != nil {
		return nil, err
	}
	return &constantDecoder{
		inner: inner, resampler: av.NewResampler(rate, 1), repetition: newRepetition(rate),
		frame: media.AudioFrame{SampleRate: rate, Channels: 1},
	}, nil
}

// constantDecoder is FFmpeg's, of codecs that know nothing of missing packets.
type constantDecoder struct {
	inner      *av.AudioDecoder
	resampler  *av.Resampler
	repetition *repetition
	frame      media.AudioFrame
}

func (d *constantDecoder) Decode(data []byte, pts time.Duration) (*media.AudioFrame, error) {
	if d.inner == nil {
		return nil, ErrClosed
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("decode nothing: %w", ErrInvalidInput)
	}
	if err := d.inner.SendData(data, pts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidInput, err)
	}
	d.frame.Samples = d.frame.Samples[:0]
	d.frame.PTS = pts
	for {
		sound, err := d.inner.Receive()
		if errors.Is(err, av.ErrAgain) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalidInput, err)
		}
		samples, err := d.resampler.Convert(sound)
		if err != nil {
			return nil, err
		}
		d.frame.Samples = append(d.frame.Samples, samples...)
	}
	if len(d.frame.Samples) == 0 {
		return nil, nil
	}
	d.repetition.heard(d.frame.Samples)
	return &d.frame, nil
}

func (d *constantDecoder) Conceal(missing time.Duration, _ []byte, pts time.Duration) (*media.AudioFrame, error) {
	if d.inner == nil {
		return nil, ErrClosed
	}
	count := int((missing*time.Duration(d.frame.SampleRate) + time.Second/2) / time.Second)
	if count <= 0 {
		return nil, nil
	}
	d.frame.PTS = pts
	d.frame.Samples = d.repetition.fill(d.frame.Samples[:0], count)
	return &d.frame, nil
}

func (d *constantDecoder) Close() error {
	if d.inner != nil {
		d.inner.Close()
		d.resampler.Close()
		d.inner = nil
	}
	return nil
}
