package peer

import (
	"fmt"
	"sync"
	"time"

	"github.com/pion/randutil"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// midPackets is how many packets of a stream carry their mid and rid: the server
// knows the stream by then. It knows it by SSRC anyway; browsers do the same.
const midPackets = 100

// outbound is what pion sends of a layer: a webrtc.TrackLocal that packetizes
// the frames of a feed.
type outbound struct {
	layer *layer
	kind  webrtc.RTPCodecType
	// rid is empty where there is one encoding.
	rid          string
	id, streamID string

	mu         sync.Mutex
	writer     webrtc.TrackLocalWriter
	packetizer *packetizer
	mid        string
	extensions extensionIDs
	captured   captureTimes
	header     rtp.Header
	counts     outboundCounts
	last       lastFrame
	// broken says that frames were left out: the next one that is sent is a keyframe.
	broken bool
}

// outboundCounts is what was sent; bytes are those of payloads.
type outboundCounts struct {
	ssrc, rtxSSRC, clockRate uint32
	mid                      string
	payloadType              uint8
	// first is the sequence number of the first packet.
	first uint16

	packets, bytes, headerBytes, frames, keyframes uint64
	// leftOut are frames that would have waited for too long.
	leftOut uint64

	// level is the last loudness, as of media.EncodedFrame; energy and sound are
	// W3C's totalAudioEnergy and totalSamplesDuration.
	level  uint8
	energy float64
	sound  time.Duration
}

// extensionIDs are the negotiated numbers of the header extensions that are
// written here; 0 is not negotiated.
type extensionIDs struct{ mid, rid, audioLevel, dependencies uint8 }

func (o *outbound) ID() string                { return o.id }
func (o *outbound) RID() string               { return o.rid }
func (o *outbound) StreamID() string          { return o.streamID }
func (o *outbound) Kind() webrtc.RTPCodecType { return o.kind }

// Bind implements webrtc.TrackLocal.
func (o *outbound) Bind(context webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	sender := o.layer.sender
	mid := sender.Mid()
	codec, payloadType, ok := sender.peer.answered(mid)
	if !ok {
		return webrtc.RTPCodecParameters{}, fmt.Errorf("%w: section %q of the answer has no codec", ErrUnsupportedCodec, mid)
	}
	for _, candidate := range context.CodecParameters() {
		if candidate.PayloadType != payloadType {
			continue
		}
		packetizer, err := newPacketizer(codec)
		if err != nil {
			return webrtc.RTPCodecParameters{}, err
		}
		o.mu.Lock()
		o.writer = context.WriteStream()
		o.packetizer = packetizer
		o.mid = mid
		o.header = rtp.Header{
			Version: 2, PayloadType: uint8(payloadType), SSRC: uint32(context.SSRC()),
			SequenceNumber: uint16(randutil.NewMathRandomGenerator().Uint32()), //nolint:gosec // any 16 bits
		}
		o.counts = outboundCounts{
			ssrc: uint32(context.SSRC()), rtxSSRC: uint32(context.SSRCRetransmission()), mid: mid,
			clockRate: codec.ClockRate, payloadType: uint8(payloadType), first: o.header.SequenceNumber,
		}
		// Not every stream of a connection that has negotiated it is to have it.
		o.captured = captureTimes{id: sender.peer.captureTimeID(mid)}
		for _, e := range context.HeaderExtensions() {
			switch e.URI {
			case uriMid:
				o.extensions.mid = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
			case uriRid:
				o.extensions.rid = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
			case uriDependencyDescriptor:
				o.extensions.dependencies = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
			case uriAudioLevel:
				o.extensions.audioLevel = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
			}
		}
		o.mu.Unlock()

		sender.bind(codec)

		return candidate, nil
	}

	return webrtc.RTPCodecParameters{}, fmt.Errorf(
		"%w: %s with payload type %d was not offered", ErrUnsupportedCodec, codec.MimeType, payloadType)
}

// Unbind implements webrtc.TrackLocal.
func (o *outbound) Unbind(webrtc.TrackLocalContext) error {
	o.mu.Lock()
	o.writer = nil
	o.mu.Unlock()

	return nil
}

// restart is called between two feeds, whose clocks have nothing in common.
func (o *outbound) restart() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.packetizer != nil {
		o.packetizer.rebase()
	}
	o.captured.restart()
}

// WriteFrame implements media.Sink.
func (o *outbound) WriteFrame(frame *media.EncodedFrame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writer == nil || o.leaveOut(frame) {
		return
	}
	now := time.Now()
	taken := o.layer.sender.clock.at(frame.PTS, now)
	packets, timestamp := o.packetizer.packetize(frame, now)
	if len(packets) == 0 {
		return
	}
	begins := now.Sub(o.last.sent) > reportInterval
	o.last = lastFrame{timestamp: timestamp, taken: taken, sent: now}
	o.header.Timestamp = timestamp
	for i, packet := range packets {
		o.header.Marker = o.kind == webrtc.RTPCodecTypeVideo && i == len(packets)-1
		o.write(frame, packet)
	}
	o.counts.add(frame)
	if begins {
		o.layer.sender.peer.report(o)
	}
}

func (c *outboundCounts) add(frame *media.EncodedFrame) {
	c.frames++
	if frame.Keyframe {
		c.keyframes++
	}
	if frame.AudioLevel == 0 {
		return
	}
	c.level = frame.AudioLevel
	c.sound += frame.Duration
	level := linearLevel(c.level)
	c.energy += level * level * frame.Duration.Seconds()
}

// read is empty before the stream was negotiated.
func (o *outbound) read() outboundCounts {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.counts
}

func (o *outbound) write(frame *media.EncodedFrame, packet packetized) {
	// Interceptors add extensions of their own: each packet begins with none.
	o.header.Extension, o.header.Extensions = false, nil
	if o.extensions.mid != 0 && o.counts.packets < midPackets {
		_ = o.header.SetExtension(o.extensions.mid, []byte(o.mid))
	}
	if o.rid != "" && o.extensions.rid != 0 && o.counts.packets < midPackets {
		_ = o.header.SetExtension(o.extensions.rid, []byte(o.rid))
	}
	if o.extensions.audioLevel != 0 && frame.AudioLevel != 0 {
		level := rtp.AudioLevelExtension{Level: frame.AudioLevel & 0x7f, Voice: frame.AudioLevel < voiceLevel}
		if value, err := level.Marshal(); err == nil {
			_ = o.header.SetExtension(o.extensions.audioLevel, value)
		}
	}
	o.captured.stamp(&o.header, frame.PTS, time.Now())
	if o.extensions.dependencies != 0 && packet.dependencies != nil {
		profile := uint16(rtp.ExtensionProfileOneByte)
		if len(packet.dependencies) > mostOneByteExtension {
			profile = rtp.ExtensionProfileTwoByte
		}
		_ = o.header.SetExtensionWithProfile(o.extensions.dependencies, packet.dependencies, profile)
	}
	header := o.header
	// A lost connection is told by the connection's state, not by every packet.
	if n, err := o.writer.WriteRTP(&header, packet.payload); err == nil && n > 0 {
		o.counts.packets++
		o.counts.bytes += uint64(len(packet.payload))
		o.counts.headerBytes += uint64(header.MarshalSize()) //nolint:gosec // never negative
	}
	o.header.SequenceNumber++
}

// mostOneByteExtension is what a header extension of the short form holds (RFC 8285 section 4.2).
const mostOneByteExtension = 16

// voiceLevel in -dBov: sound above it is taken for voice (RFC 6464).
const voiceLevel = 60
