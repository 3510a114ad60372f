package peer

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/randutil"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// midPackets is how many packets of a stream carry their mid and rid: the server
// knows the stream by then. It knows it by SSRC anyway; browsers do the same.
const midPackets = 100

// outbound is the RTP stream of a layer: it packetizes the frames of a feed.
type outbound struct {
	layer *layer
	kind  media.Kind
	// rid is empty where there is one encoding.
	rid  string
	ears *ears

	mu sync.Mutex
	// writer is nil before bind and after unbind; info is what interceptors know of it.
	writer     interceptor.RTPWriter
	info       *interceptor.StreamInfo
	packetizer *packetize.Packetizer
	mid        string
	extensions extensionIDs
	captured   sending.CaptureTimes
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

	packets, bytes, frames, keyframes uint64
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

// newOutbound chooses SSRCs that no other stream of the peer has.
func newOutbound(l *layer) *outbound {
	o := &outbound{layer: l, kind: l.sender.kind, rid: l.encoding.RID, ears: &ears{}}
	o.ears.ssrc = l.sender.peer.newSSRC()
	if o.kind == media.Video {
		o.ears.rtx = l.sender.peer.newSSRC()
	}

	return o
}

// newSSRC is none that anything is received of; of the random ones none comes twice.
func (p *Peer) newSSRC() uint32 {
	// mediasoup's probator has 1234, and small numbers are the likeliest to have a meaning.
	const least = 1 << 16
	for {
		if ssrc := randutil.NewMathRandomGenerator().Uint32(); ssrc >= least && !p.streams.taken(ssrc) {
			return ssrc
		}
	}
}

// bind makes it a stream as parameters say.
func (o *outbound) bind(parameters Parameters) error {
	packetizer, err := packetize.New(parameters.Codec)
	if err != nil {
		return err
	}
	peer := o.layer.sender.peer
	info := parameters.stream(o.ears.ssrc, o.ears.rtx)
	o.mu.Lock()
	o.info, o.writer = info, peer.chain.BindLocalStream(info, peer.gate)
	o.packetizer, o.mid = packetizer, parameters.Mid
	o.header = rtp.Header{
		Version: 2, PayloadType: parameters.PayloadType, SSRC: info.SSRC,
		SequenceNumber: uint16(randutil.NewMathRandomGenerator().Uint32()), //nolint:gosec // any 16 bits
	}
	o.counts = outboundCounts{
		ssrc: info.SSRC, rtxSSRC: info.SSRCRetransmission, mid: parameters.Mid,
		clockRate: parameters.Codec.ClockRate, payloadType: parameters.PayloadType, first: o.header.SequenceNumber,
	}
	o.captured = sending.NewCaptureTimes(parameters.extension(rtpwire.AbsCaptureTimeURI))
	o.extensions = extensionIDs{
		mid: parameters.extension(rtpwire.MidURI), rid: parameters.extension(rtpwire.RidURI),
		audioLevel: parameters.extension(rtpwire.AudioLevelURI), dependencies: parameters.extension(rtpwire.DependencyDescriptorURI),
	}
	o.mu.Unlock()
	peer.streams.take(info.SSRC, nil, o.layer.takeRTCP)

	return nil
}

// unbind ends the stream.
func (o *outbound) unbind() {
	o.mu.Lock()
	info := o.info
	o.writer, o.info = nil, nil
	o.mu.Unlock()
	if info == nil {
		return
	}
	peer := o.layer.sender.peer
	peer.streams.leave(info.SSRC)
	peer.chain.UnbindLocalStream(info)
	peer.leave(o.ears, time.Now())
}

// restart is called between two feeds, whose clocks have nothing in common.
func (o *outbound) restart() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.packetizer != nil {
		o.packetizer.Rebase()
	}
	o.captured.Restart()
}

// WriteFrame implements media.Sink.
func (o *outbound) WriteFrame(frame *media.EncodedFrame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writer == nil || o.leaveOut(frame) {
		return
	}
	now := time.Now()
	taken := o.layer.sender.clock.At(frame.PTS, now)
	packets, timestamp := o.packetizer.Packetize(frame, now)
	if len(packets) == 0 {
		return
	}
	begins := now.Sub(o.last.sent) > reportInterval
	o.last = lastFrame{timestamp: timestamp, taken: taken, sent: now}
	o.header.Timestamp = timestamp
	for i, packet := range packets {
		o.header.Marker = o.kind == media.Video && i == len(packets)-1
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
	level := rtpwire.LinearLevel(c.level)
	c.energy += level * level * frame.Duration.Seconds()
}

// read is empty before the stream was negotiated.
func (o *outbound) read() outboundCounts {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.counts
}

func (o *outbound) write(frame *media.EncodedFrame, packet packetize.Packet) {
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
	o.captured.Stamp(&o.header, frame.PTS, time.Now())
	if o.extensions.dependencies != 0 && packet.Dependencies != nil {
		profile := uint16(rtp.ExtensionProfileOneByte)
		if len(packet.Dependencies) > mostOneByteExtension {
			profile = rtp.ExtensionProfileTwoByte
		}
		_ = o.header.SetExtensionWithProfile(o.extensions.dependencies, packet.Dependencies, profile)
	}
	header := o.header
	// A lost connection is told by the connection's state, not by every packet.
	if n, err := o.writer.Write(&header, packet.Payload, nil); err == nil && n > 0 {
		o.counts.packets++
		o.counts.bytes += uint64(len(packet.Payload))
	}
	o.header.SequenceNumber++
}

// mostOneByteExtension is what a header extension of the short form holds (RFC 8285 section 4.2).
const mostOneByteExtension = 16

// voiceLevel in -dBov: sound above it is taken for voice (RFC 6464).
const voiceLevel = 60
