package codec

import (
	"errors"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// NewVideoDecoder makes a decoder of c. Close releases it.
func NewVideoDecoder(c media.Codec) (VideoDecoder, error) {
	var name string
	switch {
	case is(c, MimeVP8):
		name = "vp8"
	case is(c, MimeVP9):
		name = "vp9"
	case is(c, MimeH264):
		name = "h264"
	case is(c, MimeAV1):
		name = "libdav1d"
	case is(c, MimeH265):
		name = "hevc"
	default:
		return nil, fmt.Errorf("decode %s: %w", c.MimeType, ErrUnknownCodec)
	}
	inner, err := av.NewRealtimeVideoDecoder(name)
	if err != nil {
		return nil, err
	}
	return &videoDecoder{inner: inner, last: is(c, MimeVP9) || is(c, MimeAV1), av1: is(c, MimeAV1)}, nil
}

type videoDecoder struct {
	inner  *av.VideoDecoder
	frames []*media.VideoFrame
	// last of the pictures of an access unit is the one to show: the others are its lower spatial layers.
	last, av1 bool
}

func (d *videoDecoder) Decode(data []byte, pts time.Duration) ([]*media.VideoFrame, error) {
	if d.inner == nil {
		return nil, ErrClosed
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("decode nothing: %w", ErrInvalidInput)
	}
	d.frames = d.frames[:0]
	packets := [][]byte{data}
	if d.av1 {
		packets = av1Layers(data)
	}
	var sent error
	for _, packet := range packets {
		sent = d.decode(packet, pts)
	}
	if sent != nil && len(d.frames) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrInvalidInput, sent)
	}
	return d.frames, nil
}

// decode adds what comes of a packet to the frames, or takes their place.
func (d *videoDecoder) decode(packet []byte, pts time.Duration) error {
	sent := d.inner.SendData(packet, pts)
	for {
		frame, _, err := d.inner.Receive(nil)
		if errors.Is(err, av.ErrAgain) {
			break
		}
		if err != nil {
			if sent == nil {
				sent = err
			}
			break
		}
		if d.last && len(d.frames) > 0 {
			d.frames[0].Release()
			d.frames = d.frames[:0]
		}
		d.frames = append(d.frames, frame)
	}
	return sent
}

func (d *videoDecoder) Close() error {
	if d.inner != nil {
		d.inner.Close()
		d.inner = nil
	}
	return nil
}
