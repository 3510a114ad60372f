package format

import (
	"bytes"
	"fmt"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// opusFormat passes packets of Opus of any length.
type opusFormat struct {
	// layout is of more than two channels: multiopus.
	layout opus.Layout
}

// newOpusFormat reads an identification header (RFC 7845 section 5.1). Its mapping
// family 0 is mono and stereo, 1 has the channels in the order of multiopus.
func newOpusFormat(head []byte, channels int) (Format, string) {
	if len(head) >= 19 && head[18] == 1 && head[9] > 2 {
		f := opusFormat{}
		count := int(head[9])
		if len(head) >= 21+count {
			f.layout = opus.Layout{Streams: int(head[19]), Coupled: int(head[20]), Mapping: bytes.Clone(head[21 : 21+count])}
		}
		if !f.layout.Valid() {
			return nil, fmt.Sprintf("its Opus is of %d channels in a mapping that can't be read", count)
		}
		return f, ""
	}
	if len(head) >= 19 && head[18] != 0 {
		return nil, fmt.Sprintf("its Opus is of %d channels in a mapping that RTP does not carry", head[9])
	}
	if channels > 2 {
		return nil, fmt.Sprintf("its Opus is of %d channels, and does not tell their order", channels)
	}
	return opusFormat{}, ""
}

func (f opusFormat) MimeType() string {
	if len(f.layout.Mapping) > 2 {
		return codec.MimeMultiopus
	}
	return codec.MimeOpus
}

// Unfit compares the shapes of multiopus: each is a codec of its own.
func (f opusFormat) Unfit(c media.Codec, _ bool) string {
	if len(f.layout.Mapping) <= 2 {
		return ""
	}
	negotiated, err := codec.MultiopusLayout(c)
	if err != nil {
		return err.Error()
	}
	if own := f.layout; own.Streams != negotiated.Streams || own.Coupled != negotiated.Coupled ||
		!bytes.Equal(own.Mapping, negotiated.Mapping) {
		return fmt.Sprintf("its Opus has %d channels in %d streams, %d of them coupled, mapped as %v; %d channels with %q were negotiated",
			len(own.Mapping), own.Streams, own.Coupled, own.Mapping, c.Channels, c.Parameters)
	}
	return ""
}

func (opusFormat) Convert(data []byte) []Unit {
	duration := opusDuration(data)
	if duration <= 0 {
		return nil
	}
	return []Unit{{Data: bytes.Clone(data), Keyframe: true, Duration: duration}}
}

func (opusFormat) Held() time.Duration { return 0 }

func (opusFormat) Restart() {}

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

// octetFormat cuts G.711 and G.722, of which one byte is 125 µs, to 20 ms.
type octetFormat struct {
	mime string
	rest []byte
}

const (
	octetRate   = 8000
	octetPacket = octetRate / 50
)

func newOctetFormat(mimeType string, sampleRate int, stream *av.Stream) (Format, string) {
	if stream.SampleRate != sampleRate || stream.Channels != 1 {
		return nil, fmt.Sprintf("its sound has %d channels of %d Hz, RTP carries one of %d Hz",
			stream.Channels, stream.SampleRate, sampleRate)
	}
	return &octetFormat{mime: mimeType}, ""
}

func (f *octetFormat) MimeType() string { return f.mime }

func (f *octetFormat) Unfit(media.Codec, bool) string { return "" }

func (f *octetFormat) Convert(data []byte) []Unit {
	f.rest = append(f.rest, data...)
	var units []Unit
	for len(f.rest) >= octetPacket {
		units = append(units, Unit{
			Data: bytes.Clone(f.rest[:octetPacket]), Keyframe: true, Duration: codec.FrameDuration,
		})
		f.rest = f.rest[octetPacket:]
	}
	f.rest = bytes.Clone(f.rest)
	return units
}

func (f *octetFormat) Held() time.Duration {
	return time.Duration(len(f.rest)) * time.Second / octetRate
}

func (f *octetFormat) Restart() { f.rest = nil }
