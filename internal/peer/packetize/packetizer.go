package packetize

import (
	"fmt"
	"strings"
	"time"

	"github.com/pion/randutil"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// Packetizer cuts encoded frames into RTP payloads and gives them timestamps. It is of one stream and one goroutine at a time.
type Packetizer struct {
	payload func(size int, frame *media.EncodedFrame) [][]byte
	// way is how frames are cut, where it does not depend on those before.
	way       any
	clockRate uint32
	// dependencies is of the codecs whose layers the payloads don't tell.
	dependencies *dependencyWriter

	// timestamp = offset + PTS * clockRate. A new feed gets a new offset, so that
	// timestamps go on with the time that passed.
	offset   uint32
	rebased  bool
	last     uint32
	lastTime time.Time
}

// New makes one of a codec; ErrUnsupportedCodec is of one that has no payload format here.
func New(codec media.Codec) (*Packetizer, error) {
	p := &Packetizer{
		clockRate: codec.ClockRate,
		last:      randutil.NewMathRandomGenerator().Uint32(),
		rebased:   true,
	}
	switch strings.ToLower(codec.MimeType) {
	case strings.ToLower(webrtc.MimeTypeVP8):
		p.payload = newVP8Payloader().payload
	case strings.ToLower(webrtc.MimeTypeVP9):
		p.payload = newVP9Payloader().payload
	case strings.ToLower(webrtc.MimeTypeAV1):
		p.payload = payloadOf(&codecs.AV1Payloader{})
		p.dependencies = &dependencyWriter{}
	case strings.ToLower(webrtc.MimeTypeH264):
		p.payload = payloadOf(newH264Payloader(codec))
		p.way = h264Way{packetizationMode(codec)}
		p.dependencies = &dependencyWriter{layeredOnly: true}
	case strings.ToLower(webrtc.MimeTypeH265):
		p.payload = payloadOf(&codecs.H265Payloader{})
		p.way = h265Way{}
	case strings.ToLower(webrtc.MimeTypeOpus), rtpwire.MimeTypeMultiopus:
		p.payload = func(_ int, frame *media.EncodedFrame) [][]byte { return [][]byte{frame.Data} }
	case strings.ToLower(webrtc.MimeTypePCMU), strings.ToLower(webrtc.MimeTypePCMA), strings.ToLower(webrtc.MimeTypeG722):
		p.payload = payloadOf(&codecs.G711Payloader{})
	default:
		return nil, fmt.Errorf("%w: %s", rtpwire.ErrUnsupportedCodec, codec.MimeType)
	}

	return p, nil
}

func payloadOf(p rtp.Payloader) func(size int, frame *media.EncodedFrame) [][]byte {
	return func(size int, frame *media.EncodedFrame) [][]byte {
		return p.Payload(uint16(size), frame.Data) //nolint:gosec // MaxPayload
	}
}

// Rebase is called between two feeds, whose times have nothing in common.
func (p *Packetizer) Rebase() { p.rebased = true }

// Packet is what makes an RTP packet: its payload, and its dependency
// descriptor where there is one.
type Packet struct{ Payload, Dependencies []byte }

// Packetize returns the packets of a frame, in order, and their timestamp. Other streams may share them: nobody
// changes them.
func (p *Packetizer) Packetize(frame *media.EncodedFrame, now time.Time) ([]Packet, uint32) {
	p.Timestamp(frame.PTS, now)
	if len(frame.Data) == 0 {
		return nil, p.last
	}

	if p.dependencies != nil && p.dependencies.wants(frame) {
		return p.layers(frame), p.last
	}

	if p.way == nil {
		return p.cut(frame), p.last
	}
	// What of a frame is the same for all streams is cut once.
	packets, _ := frame.Cuts.Of(p.way, func() any { return p.cut(frame) }).([]Packet)

	return packets, p.last
}

// Timestamp is the one of a frame at that time.
func (p *Packetizer) Timestamp(pts time.Duration, now time.Time) uint32 {
	ticks := p.Ticks(pts)
	if p.rebased {
		elapsed := uint32(1)
		if !p.lastTime.IsZero() {
			elapsed += p.Ticks(now.Sub(p.lastTime))
		}
		p.offset = p.last + elapsed - ticks
		p.rebased = false
	}
	p.last, p.lastTime = p.offset+ticks, now

	return p.last
}

// h264Way and h265Way are how a frame is cut.
type (
	h264Way struct{ mode int }
	h265Way struct{}
)

func (p *Packetizer) cut(frame *media.EncodedFrame) []Packet {
	return packetsOfPayloads(p.payload(media.MaxPayload, frame), frameDescriptor{})
}

// layers packetizes each layer of a picture by itself, with descriptors.
func (p *Packetizer) layers(frame *media.EncodedFrame) []Packet {
	var packets []Packet
	for at := range max(len(frame.Layers), 1) {
		descriptor := p.dependencies.next(frame, at)
		layer := dependencyLayer(frame, at)
		size := media.MaxPayload - len(descriptor.first)
		payloads := p.payload(size, &media.EncodedFrame{Data: layer.Data, Keyframe: frame.Keyframe})
		packets = append(packets, packetsOfPayloads(payloads, descriptor)...)
	}

	return packets
}

func packetsOfPayloads(payloads [][]byte, descriptor frameDescriptor) []Packet {
	packets := make([]Packet, len(payloads))
	for i, payload := range payloads {
		packets[i].Payload = payload
		if descriptor.first != nil {
			packets[i].Dependencies = descriptor.packet(i == 0, i == len(payloads)-1)
		}
	}

	return packets
}

// Ticks are of the codec's clock. They wrap around, as RTP timestamps do (RFC 3550 section 5.1).
func (p *Packetizer) Ticks(d time.Duration) uint32 {
	rate := int64(p.clockRate)
	seconds, rest := int64(d/time.Second), int64(d%time.Second)

	return uint32(seconds*rate + rest*rate/int64(time.Second)) //nolint:gosec // modulo 2^32 is meant
}
