package av

// #include "layout.h"
// #include <libavcodec/avcodec.h>
// #include <libavutil/frame.h>
import "C"

import (
	"fmt"
	"time"

	"github.com/asticode/go-astiav"
)

// AudioDecoder decodes sound.
type AudioDecoder struct {
	decoder
	sound Sound
}

// Sound is what a decoder made of one packet, lent until the next Receive.
type Sound struct {
	SampleRate, Channels int
	PTS, Duration        time.Duration

	frame *astiav.Frame
}

// NewAudioDecoder decodes a stream of a demuxer.
func NewAudioDecoder(s Stream) (*AudioDecoder, error) {
	inner, err := newStreamDecoder(s, 1)
	return newAudioDecoder(inner, err)
}

// NewRealtimeAudioDecoder decodes packets that come without a container. The
// name is FFmpeg's of the codec.
func NewRealtimeAudioDecoder(name string, sampleRate, channels int) (*AudioDecoder, error) {
	inner, err := newNamedDecoder(name, func(c *astiav.CodecContext) error {
		c.SetSampleRate(sampleRate)
		context := (*C.AVCodecContext)(c.UnsafePointer())
		C.mscp_usual_layout(&context.ch_layout, C.int(channels))
		return nil
	})
	return newAudioDecoder(inner, err)
}

func newAudioDecoder(inner decoder, err error) (*AudioDecoder, error) {
	if err != nil {
		return nil, err
	}
	frame := astiav.AllocFrame()
	if frame == nil {
		inner.close()
		return nil, fmt.Errorf("open the decoder of %s: out of memory", inner.name)
	}
	return &AudioDecoder{decoder: inner, sound: Sound{frame: frame}}, nil
}

// Send gives the decoder a packet, which stays the caller's. nil says that none
// will follow.
func (d *AudioDecoder) Send(p *Packet) error { return d.send(p) }

// SendData gives the decoder one packet.
func (d *AudioDecoder) SendData(data []byte, pts time.Duration) error { return d.sendData(data, pts) }

// Receive gives the next sound. It fails with ErrAgain when the decoder needs
// a packet first, and with io.EOF after the last sound.
func (d *AudioDecoder) Receive() (*Sound, error) {
	d.sound.frame.Unref()
	if err := d.context.ReceiveFrame(d.sound.frame); err != nil {
		return nil, failure("decode "+d.name, err)
	}
	frame := (*C.AVFrame)(d.sound.frame.UnsafePointer())
	d.sound.SampleRate = int(frame.sample_rate)
	d.sound.Channels = int(frame.ch_layout.nb_channels)
	if d.sound.SampleRate < LeastRate || d.sound.SampleRate > MostRate ||
		d.sound.Channels <= 0 || d.sound.Channels > MostChannels {
		return nil, fmt.Errorf("decode %s: %w", d.name, ErrInvalidData)
	}
	d.sound.PTS = toDuration(int64(frame.best_effort_timestamp), d.base)
	d.sound.Duration = time.Duration(frame.nb_samples) * time.Second / time.Duration(frame.sample_rate)
	return &d.sound, nil
}

// Flush forgets what was sent, for a seek.
func (d *AudioDecoder) Flush() { d.flush() }

// Close frees the decoder and the sound that it lent.
func (d *AudioDecoder) Close() {
	if d.context == nil {
		return
	}
	d.close()
	d.sound.frame.Free()
}
