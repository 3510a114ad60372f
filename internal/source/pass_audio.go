package source

import (
	"bytes"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// opusFormat passes packets of Opus of any length.
type opusFormat struct{}

func newOpusFormat(head []byte, channels int) (passFormat, string) {
	// RFC 7845 section 5.1: family 0 is the mono and stereo that RTP carries.
	if len(head) >= 19 && head[18] != 0 {
		return nil, fmt.Sprintf("its Opus is of %d channels in a mapping that RTP does not carry", head[9])
	}
	if channels > 2 {
		return nil, fmt.Sprintf("its Opus is of %d channels, RTP carries at most 2", channels)
	}
	return opusFormat{}, ""
}

func (opusFormat) mimeType() string { return codec.MimeOpus }

func (opusFormat) unfit(media.Codec, bool) string { return "" }

func (opusFormat) convert(data []byte) []passUnit {
	duration := opusDuration(data)
	if duration <= 0 {
		return nil
	}
	return []passUnit{{data: bytes.Clone(data), keyframe: true, duration: duration}}
}

func (opusFormat) held() time.Duration { return 0 }

func (opusFormat) restart() {}

// opusDuration is what a packet plays (RFC 6716 section 3.1), 0 if it is malformed.
func opusDuration(packet []byte) time.Duration {
	if len(packet) == 0 {
		return 0
	}
	frames := 1
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0
		}
		frames = int(packet[1] & 0x3f)
	}
	var each time.Duration
	switch config := packet[0] >> 3; {
	case config < 12:
		each = [...]time.Duration{10, 20, 40, 60}[config&3] * time.Millisecond
	case config < 16:
		each = [...]time.Duration{10, 20}[config&1] * time.Millisecond
	default:
		each = [...]time.Duration{2500, 5000, 10000, 20000}[config&3] * time.Microsecond
	}
	if total := time.Duration(frames) * each; total <= 120*time.Millisecond {
		return total
	}
	return 0
}

// g711Format cuts G.711, where one byte is one sample, to 20 ms.
type g711Format struct {
	mime string
	rest []byte
}

const (
	g711Rate  = 8000
	g711Bytes = g711Rate / 50
)

func newG711Format(mimeType string, stream *av.Stream) (passFormat, string) {
	if stream.SampleRate != g711Rate || stream.Channels != 1 {
		return nil, fmt.Sprintf("its sound has %d channels of %d Hz, RTP carries one of 8000 Hz",
			stream.Channels, stream.SampleRate)
	}
	return &g711Format{mime: mimeType}, ""
}

func (f *g711Format) mimeType() string { return f.mime }

func (f *g711Format) unfit(media.Codec, bool) string { return "" }

func (f *g711Format) convert(data []byte) []passUnit {
	f.rest = append(f.rest, data...)
	var units []passUnit
	for len(f.rest) >= g711Bytes {
		units = append(units, passUnit{
			data: bytes.Clone(f.rest[:g711Bytes]), keyframe: true, duration: codec.FrameDuration,
		})
		f.rest = f.rest[g711Bytes:]
	}
	f.rest = bytes.Clone(f.rest)
	return units
}

func (f *g711Format) held() time.Duration {
	return time.Duration(len(f.rest)) * time.Second / g711Rate
}

func (f *g711Format) restart() { f.rest = nil }
