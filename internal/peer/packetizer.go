package peer

import (
	"fmt"
	"strings"
	"time"

	"github.com/pion/randutil"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// packetizer cuts encoded frames into RTP payloads and gives them timestamps.
type packetizer struct {
	payload   func(size int, frame *media.EncodedFrame) [][]byte
	clockRate uint32

	// timestamp = offset + PTS * clockRate. A new feed gets a new offset, so that
	// timestamps go on with the time that passed.
	offset   uint32
	rebased  bool
	last     uint32
	lastTime time.Time
}

func newPacketizer(codec media.Codec) (*packetizer, error) {
	p := &packetizer{
		clockRate: codec.ClockRate,
		last:      randutil.NewMathRandomGenerator().Uint32(),
		rebased:   true,
	}
	switch strings.ToLower(codec.MimeType) {
	case strings.ToLower(webrtc.MimeTypeVP8):
		p.payload = newVP8Payloader().payload
	case strings.ToLower(webrtc.MimeTypeVP9):
		p.payload = payloadOf(&vp9Payloader{})
	case strings.ToLower(webrtc.MimeTypeAV1):
		p.payload = payloadOf(&codecs.AV1Payloader{})
	case strings.ToLower(webrtc.MimeTypeH264):
		p.payload = payloadOf(newH264Payloader(codec))
	case strings.ToLower(webrtc.MimeTypeH265):
		p.payload = payloadOf(&codecs.H265Payloader{})
	case strings.ToLower(webrtc.MimeTypeOpus), mimeMultiopus:
		p.payload = payloadOf(&codecs.OpusPayloader{})
	case strings.ToLower(webrtc.MimeTypePCMU), strings.ToLower(webrtc.MimeTypePCMA), strings.ToLower(webrtc.MimeTypeG722):
		p.payload = payloadOf(&codecs.G711Payloader{})
	default:
		return nil, fmt.Errorf("%w: %s", ErrUnsupportedCodec, codec.MimeType)
	}

	return p, nil
}

func payloadOf(p rtp.Payloader) func(size int, frame *media.EncodedFrame) [][]byte {
	return func(size int, frame *media.EncodedFrame) [][]byte {
		return p.Payload(uint16(size), frame.Data) //nolint:gosec // MaxPayload
	}
}

func (p *packetizer) rebase() { p.rebased = true }

// packetize returns the payloads of a frame, in order, and their timestamp.
func (p *packetizer) packetize(frame *media.EncodedFrame, now time.Time) ([][]byte, uint32) {
	ticks := p.ticks(frame.PTS)
	if p.rebased {
		elapsed := uint32(1)
		if !p.lastTime.IsZero() {
			elapsed += p.ticks(now.Sub(p.lastTime))
		}
		p.offset = p.last + elapsed - ticks
		p.rebased = false
	}
	p.last, p.lastTime = p.offset+ticks, now
	if len(frame.Data) == 0 {
		return nil, p.last
	}

	return p.payload(media.MaxPayload, frame), p.last
}

// ticks wraps around, as RTP timestamps do (RFC 3550 section 5.1).
func (p *packetizer) ticks(d time.Duration) uint32 {
	rate := int64(p.clockRate)
	seconds, rest := int64(d/time.Second), int64(d%time.Second)

	return uint32(seconds*rate + rest*rate/int64(time.Second)) //nolint:gosec // modulo 2^32 is meant
}
