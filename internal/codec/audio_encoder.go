package codec

import (
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// opusComplexity is where the quality at our bitrates stops to gain from more;
// it costs two thirds of the default's time.
const opusComplexity = 5

// dtxComplexity is the lowest at which libopus looks for silence that is not
// all zeros.
const dtxComplexity = 7

// expectedLoss is what FEC is made for, in percent. From 6 on libopus encodes in the
// mode that has FEC whatever the sound is.
const expectedLoss = 10

// The rates of PCMU and PCMA, and of G722, whose clock is not its rate (RFC 3551 section 4.5.2).
const (
	g711Rate = 8000
	g722Rate = 16000
)

// rateOf is the sampling rate of a codec of constant bitrate.
func rateOf(c media.Codec) int {
	if is(c, MimeG722) {
		return g722Rate
	}
	return g711Rate
}

// nameOf is FFmpeg's name of such a codec.
func nameOf(c media.Codec) string {
	switch {
	case is(c, MimeG722):
		return "g722"
	case is(c, MimePCMA):
		return "pcm_alaw"
	default:
		return "pcm_mulaw"
	}
}

// AudioSettings of an encoder.
type AudioSettings struct {
	// Bitrate in bits a second; 0 is DefaultAudioBitrate.
	Bitrate int
	// Stereo asks for two channels, where the codec has them.
	Stereo bool
	// FEC, DTX, MaxPlaybackRate and PacketDuration are media.EncodingSettings', for
	// codecs that have them.
	FEC, DTX        bool
	MaxPlaybackRate int
	PacketDuration  time.Duration
}

// NewAudioEncoder makes an encoder of c, and tells the name of what implements
// it. Close releases it.
func NewAudioEncoder(c media.Codec, s AudioSettings) (encoder AudioEncoder, name string, err error) {
	var inner rawAudioEncoder
	e := &audioEncoder{duration: FrameDuration}
	switch {
	case is(c, MimeOpus), is(c, MimeMultiopus):
		layout := opus.Mono()
		if is(c, MimeMultiopus) {
			if layout, err = MultiopusLayout(c); err != nil {
				return nil, "", err
			}
		} else if s.Stereo {
			layout = opus.Stereo()
		}
		e.rate, e.channels, name = opus.SampleRate, len(layout.Mapping), opus.Name
		bitrate := s.Bitrate
		if bitrate <= 0 {
			bitrate = DefaultAudioBitrate(e.channels)
		}
		if s.PacketDuration > 0 {
			e.duration = s.PacketDuration
		}
		options := opus.Options{
			Bitrate: bitrate, Complexity: opusComplexity,
			FEC: s.FEC, DTX: s.DTX, MaxRate: s.MaxPlaybackRate, FrameDuration: e.duration,
		}
		if s.FEC {
			options.LossPercent = expectedLoss
		}
		if s.DTX {
			options.Complexity = dtxComplexity
		}
		inner, err = newOpusEncoder(layout, options)
	case is(c, MimePCMU), is(c, MimePCMA), is(c, MimeG722):
		e.rate, e.channels, name = rateOf(c), 1, "FFmpeg"
		var constant *av.AudioEncoder
		constant, err = av.NewAudioEncoder(nameOf(c), e.rate, e.samples())
		inner = constantBitrate{constant}
	default:
		return nil, "", fmt.Errorf("encode %s: %w", c.MimeType, ErrUnknownCodec)
	}
	if err != nil {
		return nil, "", err
	}
	e.inner = inner
	return e, name, nil
}

type rawAudioEncoder interface {
	Encode(samples []int16) ([]byte, error)
	SetBitrate(bitsPerSecond int) error
	Close() error
}

// audioEncoder checks what goes into an encoder.
type audioEncoder struct {
	inner          rawAudioEncoder
	rate, channels int
	duration       time.Duration
}

func (e *audioEncoder) SampleRate() int { return e.rate }

func (e *audioEncoder) Channels() int { return e.channels }

func (e *audioEncoder) FrameDuration() time.Duration { return e.duration }

// samples is what one packet holds, of all channels.
func (e *audioEncoder) samples() int {
	return int(e.duration.Milliseconds()) * e.rate / 1000 * e.channels
}

func (e *audioEncoder) Encode(samples []int16) ([]byte, error) {
	if e.inner == nil {
		return nil, ErrClosed
	}
	if len(samples) != e.samples() {
		return nil, fmt.Errorf("encode %d samples: %w: %d are taken at a time",
			len(samples), ErrInvalidInput, e.samples())
	}
	return e.inner.Encode(samples)
}

func (e *audioEncoder) SetBitrate(bitsPerSecond int) error {
	if e.inner == nil {
		return ErrClosed
	}
	if bitsPerSecond <= 0 {
		return fmt.Errorf("set the bitrate to %d bit/s: %w", bitsPerSecond, ErrInvalidInput)
	}
	return e.inner.SetBitrate(bitsPerSecond)
}

func (e *audioEncoder) Close() error {
	if e.inner == nil {
		return nil
	}
	inner := e.inner
	e.inner = nil
	return inner.Close()
}

// constantBitrate is one of FFmpeg's encoders that have no bitrate to set.
type constantBitrate struct{ *av.AudioEncoder }

func (constantBitrate) SetBitrate(int) error { return nil }

func (c constantBitrate) Close() error {
	c.AudioEncoder.Close()
	return nil
}
