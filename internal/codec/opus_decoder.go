package codec

import (
	"fmt"
	"slices"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// opusDecoder gives samples in the order of FFmpeg's channels.
type opusDecoder struct {
	inner *opus.Decoder
	order []int
	// ordered is nil where both orders are alike.
	ordered []int16
	frame   media.AudioFrame
}

func newOpusDecoder(layout opus.Layout) (AudioDecoder, error) {
	inner, err := opus.NewDecoder(layout)
	if err != nil {
		return nil, err
	}
	channels := len(layout.Mapping)
	return &opusDecoder{
		inner: inner, order: vorbisOrder(channels),
		frame: media.AudioFrame{SampleRate: opus.SampleRate, Channels: channels},
	}, nil
}

func (d *opusDecoder) Decode(data []byte, pts time.Duration) (*media.AudioFrame, error) {
	if d.inner == nil {
		return nil, ErrClosed
	}
	samples, err := d.inner.Decode(data)
	return d.sound(samples, err, pts)
}

func (d *opusDecoder) Conceal(missing time.Duration, next []byte, pts time.Duration) (*media.AudioFrame, error) {
	if d.inner == nil {
		return nil, ErrClosed
	}
	samples, err := d.inner.Conceal(missing, next)
	return d.sound(samples, err, pts)
}

func (d *opusDecoder) sound(samples []int16, err error, pts time.Duration) (*media.AudioFrame, error) {
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidInput, err)
	}
	if len(samples) == 0 {
		return nil, nil
	}
	d.frame.PTS, d.frame.Samples = pts, samples
	if d.order != nil {
		d.ordered = slices.Grow(d.ordered[:0], len(samples))[:len(samples)]
		for at := 0; at+len(d.order) <= len(samples); at += len(d.order) {
			for from, to := range d.order {
				d.ordered[at+to] = samples[at+from]
			}
		}
		d.frame.Samples = d.ordered
	}
	return &d.frame, nil
}

func (d *opusDecoder) Close() error {
	if d.inner == nil {
		return nil
	}
	inner := d.inner
	d.inner = nil
	return inner.Close()
}
