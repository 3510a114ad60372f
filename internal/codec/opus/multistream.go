package opus

// #include "bridge.h"
import "C"

import (
	"fmt"
	"time"
)

// MostChannels that a multistream encoder takes.
const MostChannels = 8

// Layout says how the channels of sound are spread over streams of Opus, of
// which the first Coupled ones are stereo (RFC 7845 section 5.1.1).
type Layout struct {
	Streams, Coupled int
	// Mapping has one entry a channel: which of the decoded channels it is.
	Mapping []byte
}

// Valid reports whether libopus can make such an encoder: each channel of each
// stream comes from exactly one of those that go in.
func (l Layout) Valid() bool {
	channels := len(l.Mapping)
	if channels < 1 || channels > MostChannels || l.Coupled < 0 || l.Streams < 1 ||
		l.Coupled > l.Streams || l.Streams+l.Coupled != channels {
		return false
	}
	var seen [MostChannels]bool
	for _, coded := range l.Mapping {
		if int(coded) >= channels || seen[coded] {
			return false
		}
		seen[coded] = true
	}
	return true
}

// Multistream encodes more than two channels, as several streams in one packet.
// Not safe for concurrent use.
type Multistream struct {
	c        *C.OpusMSEncoder
	channels int
	frame    int
	// silent is the longest packet that need not be sent: without DTX none.
	silent int
	buffer [largestPacket]byte
}

// NewMultistream makes an encoder of a valid layout; Close releases it.
// Options.Channels is that of the layout.
func NewMultistream(l Layout, o Options) (*Multistream, error) {
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
	e := &Multistream{c: c, channels: len(l.Mapping), frame: int(o.FrameDuration * SampleRate / time.Second)}
	if o.DTX {
		// Of each stream at most two bytes (RFC 6716 appendix B).
		e.silent = 2 * l.Streams
	}
	code = C.mscp_opus_multistream_configure(c, C.int(o.Complexity), flag(o.FEC), flag(o.DTX), C.int(o.LossPercent),
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
func (e *Multistream) Encode(samples []int16) ([]byte, error) {
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
func (e *Multistream) SetBitrate(bitsPerSecond int) error {
	if e.c == nil {
		return errClosed
	}
	least, most := minBitrate*e.channels/2, maxBitrate*e.channels/2
	code := C.mscp_opus_multistream_set_bitrate(e.c, C.int(min(max(bitsPerSecond, least), most)))
	if code != C.OPUS_OK {
		return fmt.Errorf("set libopus' bitrate to %d bit/s: %w", bitsPerSecond, codeError(code))
	}
	return nil
}

// Close may be called twice.
func (e *Multistream) Close() error {
	if e.c != nil {
		C.opus_multistream_encoder_destroy(e.c)
		e.c = nil
	}
	return nil
}
