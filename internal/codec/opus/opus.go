// Package opus encodes and decodes Opus (RFC 6716) with libopus. It exists beside
// pion/mediadevices' wrapper because that always encodes for speech, which
// spoils music, and has no control of complexity, FEC and DTX.
package opus

// #cgo pkg-config: opus
// #include "bridge.h"
import "C"

import (
	"errors"
	"fmt"
	"time"
)

// Name of the implementation in statistics.
const Name = "libopus"

// SampleRate that is encoded. RTP's clock is the same (RFC 7587).
const SampleRate = 48000

// A bitrate is at least the least and at most the most for each stream; libopus bounds it further.
const (
	minBitrate = 6_000
	maxBitrate = 510_000
)

// largestPacket is what RFC 6716 allows for one frame. Packets of several frames
// hold no more either, so that they fit into one of the network's.
const largestPacket = 1276

var errClosed = errors.New("libopus encoder is closed")

// Options of an encoder.
type Options struct {
	// Bitrate of all channels together, in bits a second.
	Bitrate int
	// Complexity from 0 (fast) to 10 (good).
	Complexity int
	// FEC adds a low-quality copy of each packet to the next one.
	FEC bool
	// DTX sends next to nothing in silence.
	DTX bool
	// LossPercent is the loss that FEC is made for.
	LossPercent int
	// MaxRate is a sampling rate in Hz: what it can't hold is left out. 0 is SampleRate.
	MaxRate int
	// FrameDuration is what a packet holds: 10, 20, 40 or 60 ms. 0 is 20 ms.
	FrameDuration time.Duration
}

// Encoder makes one packet of all channels, which has a stream for each one or two of
// them. Not safe for concurrent use.
type Encoder struct {
	c                 *C.OpusMSEncoder
	streams, channels int
	// frame is what a packet holds of each channel, in samples.
	frame int
	// silent is the longest packet that need not be sent: without DTX none.
	silent int
	buffer [largestPacket]byte
}

// New makes an encoder of a valid layout; Close releases it.
func New(l Layout, o Options) (*Encoder, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("open libopus: no layout of %d channels: %d streams, %d of them coupled, mapped as %v",
			len(l.Mapping), l.Streams, l.Coupled, l.Mapping)
	}
	var code C.int
	c := C.opus_multistream_encoder_create(SampleRate, C.int(len(l.Mapping)), C.int(l.Streams), C.int(l.Coupled),
		(*C.uchar)(&l.Mapping[0]), C.OPUS_APPLICATION_AUDIO, &code)
	if c == nil {
		return nil, fmt.Errorf("open libopus for %d channels: %w", len(l.Mapping), codeError(code))
	}
	if o.FrameDuration <= 0 {
		o.FrameDuration = 20 * time.Millisecond
	}
	e := &Encoder{
		c: c, streams: l.Streams, channels: len(l.Mapping),
		frame: int(o.FrameDuration * SampleRate / time.Second),
	}
	if o.DTX {
		// Of each stream at most two bytes (RFC 6716 appendix B).
		e.silent = 2 * l.Streams
	}
	code = C.mscp_opus_configure(c, C.int(o.Complexity), flag(o.FEC), flag(o.DTX), C.int(o.LossPercent),
		bandwidth(o.MaxRate))
	if code != C.OPUS_OK {
		_ = e.Close()
		return nil, fmt.Errorf("configure libopus: %w", codeError(code))
	}
	if err := e.SetBitrate(o.Bitrate); err != nil {
		_ = e.Close()
		return nil, err
	}
	return e, nil
}

// Encode takes the samples of one packet, interleaved. It gives nothing where all
// streams are silent, and DTX is on.
func (e *Encoder) Encode(samples []int16) ([]byte, error) {
	if e.c == nil {
		return nil, errClosed
	}
	if len(samples) != e.frame*e.channels {
		return nil, fmt.Errorf("%d samples for a libopus encoder that takes %d at a time",
			len(samples), e.frame*e.channels)
	}
	n := C.opus_multistream_encode(e.c, (*C.opus_int16)(&samples[0]), C.int(e.frame),
		(*C.uchar)(&e.buffer[0]), C.opus_int32(len(e.buffer)))
	if n < 0 {
		return nil, fmt.Errorf("encode with libopus: %w", codeError(n))
	}
	if int(n) <= e.silent {
		return nil, nil
	}
	return append([]byte(nil), e.buffer[:n]...), nil
}

// SetBitrate of all channels together takes effect with the next packet.
func (e *Encoder) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	bitrate := min(max(bitsPerSecond, minBitrate*e.streams), maxBitrate*e.streams)
	code := C.mscp_opus_set_bitrate(e.c, C.int(bitrate))
	if code != C.OPUS_OK {
		return fmt.Errorf("set libopus' bitrate to %d bit/s: %w", bitsPerSecond, codeError(code))
	}
	return nil
}

// Close may be called twice.
func (e *Encoder) Close() error {
	if e.c != nil {
		C.opus_multistream_encoder_destroy(e.c)
		e.c = nil
	}
	return nil
}

// bandwidth is the widest that a playback at rate can use (RFC 7587 section 3.1.1).
func bandwidth(rate int) C.int {
	switch {
	case rate <= 0 || rate > 24000:
		return C.OPUS_BANDWIDTH_FULLBAND
	case rate > 16000:
		return C.OPUS_BANDWIDTH_SUPERWIDEBAND
	case rate > 12000:
		return C.OPUS_BANDWIDTH_WIDEBAND
	case rate > 8000:
		return C.OPUS_BANDWIDTH_MEDIUMBAND
	default:
		return C.OPUS_BANDWIDTH_NARROWBAND
	}
}

func flag(on bool) C.int {
	if on {
		return 1
	}
	return 0
}

func codeError(code C.int) error { return errors.New(C.GoString(C.opus_strerror(code))) }
