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
	name, rate, channels := "opus", opus.SampleRate, 2
	var head []byte
	switch {
	case is(c, MimeOpus):
	case is(c, MimeMultiopus):
		layout, err := MultiopusLayout(c)
		if err != nil {
			return nil, err
		}
		channels, head = len(layout.Mapping), opusHead(layout)
	case is(c, MimePCMU), is(c, MimePCMA), is(c, MimeG722):
		name, rate, channels = nameOf(c), rateOf(c), 1
	default:
		return nil, fmt.Errorf("decode %s: %w", c.MimeType, ErrUnknownCodec)
	}
	inner, err := av.NewRealtimeAudioDecoder(name, rate, channels, head)
	if err != nil {
		return nil, err
	}
	return &audioDecoder{
		inner: inner, resampler: av.NewResampler(rate, channels),
		frame: media.AudioFrame{SampleRate: rate, Channels: channels},
	}, nil
}

type audioDecoder struct {
	inner     *av.AudioDecoder
	resampler *av.Resampler
	frame     media.AudioFrame
}

func (d *audioDecoder) Decode(data []byte, pts time.Duration) (*media.AudioFrame, error) {
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
	return &d.frame, nil
}

func (d *audioDecoder) Close() error {
	if d.inner != nil {
		d.inner.Close()
		d.resampler.Close()
		d.inner = nil
	}
	return nil
}
