package codec

import (
	"fmt"
	"runtime"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/aom"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/nvenc"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/openh264"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/vpx"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// smallestSide is the least that all encoders take.
const smallestSide = 16

// VideoSettings of an encoder. The size comes with the pictures.
type VideoSettings struct {
	// Framerate that is expected; 0 is 30.
	Framerate float64
	// Bitrate in bits a second; 0 is DefaultVideoBitrate.
	Bitrate int
	// Scalability is which layers are asked for; codecs without them ignore it.
	Scalability media.ScalabilityMode
	// Hardware, unless nil, prefers hardware. It is told what encodes from the next picture on, and why that is none.
	Hardware func(name string, refused error)
}

// sizedEncoder encodes pictures of the size that it was made for.
type sizedEncoder interface {
	Encode(frame *media.VideoFrame, forceKeyframe bool) ([]byte, bool, error)
	Layers() []media.FrameLayer
	SetBitrate(bitsPerSecond int) error
	Close() error
}

// videoEncoder makes an encoder for the size that comes, and a new one when
// the size changes.
type videoEncoder struct {
	codec    media.Codec
	settings VideoSettings
	name     string
	open     func(width, height int, s VideoSettings) (sizedEncoder, error)
	// refused is why inner is not in hardware where that is preferred, nor will be.
	refused error

	inner         sizedEncoder
	width, height int
	closed        bool
}

// NewVideoEncoder makes an encoder of c, and tells the name of what implements
// it where no hardware does. Close releases it.
func NewVideoEncoder(c media.Codec, s VideoSettings) (encoder VideoEncoder, name string, err error) {
	if s.Framerate <= 0 {
		s.Framerate = 30
	}
	e := &videoEncoder{codec: c, settings: s}
	switch {
	case is(c, MimeVP8), is(c, MimeVP9):
		name = vpx.Name
		e.open = func(width, height int, s VideoSettings) (sizedEncoder, error) {
			return vpx.New(vpx.Options{
				VP9: is(c, MimeVP9), Width: width, Height: height,
				Framerate: s.Framerate, Bitrate: s.Bitrate, Threads: threads(width, height),
				Scalability: s.Scalability,
			})
		}
	case is(c, MimeH264):
		name = openh264.Name
		e.open = func(width, height int, s VideoSettings) (sizedEncoder, error) {
			return openh264.New(openh264.Options{
				Width: width, Height: height, Framerate: s.Framerate, Bitrate: s.Bitrate,
				Threads: threads(width, height), Scalability: s.Scalability,
			})
		}
	case is(c, MimeAV1):
		name = aom.Name
		e.open = func(width, height int, s VideoSettings) (sizedEncoder, error) {
			return aom.New(aom.Options{
				Width: width, Height: height, Framerate: s.Framerate, Bitrate: s.Bitrate,
				Threads: threads(width, height), Scalability: s.Scalability,
			})
		}
	default:
		return nil, "", fmt.Errorf("encode %s: %w", c.MimeType, ErrUnknownCodec)
	}
	e.name = name
	return e, name, nil
}

func (e *videoEncoder) Encode(frame *media.VideoFrame, forceKeyframe bool) ([]byte, bool, error) {
	if e.closed {
		return nil, false, ErrClosed
	}
	if !frame.Valid() {
		return nil, false, fmt.Errorf("encode a picture: %w: no picture, or planes too short for its size",
			ErrInvalidInput)
	}
	if (frame.Width|frame.Height)&1 != 0 || frame.Width < smallestSide || frame.Height < smallestSide {
		return nil, false, fmt.Errorf("encode a picture of %dx%d: %w: sides are even, %d at least",
			frame.Width, frame.Height, ErrInvalidInput, smallestSide)
	}
	if e.inner == nil || e.width != frame.Width || e.height != frame.Height {
		if err := e.resize(frame.Width, frame.Height); err != nil {
			return nil, false, err
		}
		forceKeyframe = true
	}
	data, keyframe, err := e.inner.Encode(frame, forceKeyframe)
	if err == nil || e.settings.Hardware == nil || e.refused != nil {
		return data, keyframe, err
	}
	// The device may be lost, or have more to do than it can.
	e.refused = err
	if err := e.resize(frame.Width, frame.Height); err != nil {
		return nil, false, err
	}
	return e.inner.Encode(frame, true)
}

func (e *videoEncoder) Layers() []media.FrameLayer {
	if e.inner == nil {
		return nil
	}
	return e.inner.Layers()
}

func (e *videoEncoder) resize(width, height int) error {
	if e.inner != nil {
		_ = e.inner.Close()
		e.inner = nil
	}
	settings := e.settings
	if settings.Bitrate <= 0 {
		settings.Bitrate = DefaultVideoBitrate(width, height, settings.Framerate)
	}
	inner, err := e.openBest(width, height, settings)
	if err != nil {
		return err
	}
	e.inner, e.width, e.height = inner, width, height
	return nil
}

// openBest opens what is preferred, or else what works everywhere.
func (e *videoEncoder) openBest(width, height int, s VideoSettings) (inner sizedEncoder, err error) {
	if s.Hardware == nil {
		return e.open(width, height, s)
	}
	if e.refused == nil {
		if inner, e.refused = openHardware(e.codec, width, height, s); e.refused == nil {
			s.Hardware(nvenc.Name, nil)
			return inner, nil
		}
	}
	s.Hardware(e.name, e.refused)
	return e.open(width, height, s)
}

func (e *videoEncoder) SetBitrate(bitsPerSecond int) error {
	if e.closed {
		return ErrClosed
	}
	if bitsPerSecond <= 0 {
		return fmt.Errorf("set the bitrate to %d bit/s: %w", bitsPerSecond, ErrInvalidInput)
	}
	e.settings.Bitrate = bitsPerSecond
	if e.inner == nil {
		return nil
	}
	return e.inner.SetBitrate(bitsPerSecond)
}

func (e *videoEncoder) Close() error {
	e.closed = true
	if e.inner == nil {
		return nil
	}
	inner := e.inner
	e.inner = nil
	return inner.Close()
}

// threads leaves small pictures on one: more would cost more than they gain.
func threads(width, height int) int {
	pixels, n := width*height, 1
	switch {
	case pixels >= 1920*1080:
		n = 4
	case pixels >= 1280*720:
		n = 2
	}
	return min(n, runtime.NumCPU())
}
