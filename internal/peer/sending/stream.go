package sending

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/randutil"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/packetize"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// midPackets is how many packets of a stream carry their mid and rid: the server
// knows the stream by then. It knows it by SSRC anyway; browsers do the same.
const midPackets = 100

// StreamOptions are what a stream needs of its owner.
type StreamOptions struct {
	Kind media.Kind
	// RID is empty where there is one encoding.
	RID string
	// Clock is that of the frames, which the streams of one source share.
	Clock *FrameClock
	// Waiting is how long a packet of video would wait.
	Waiting func() time.Duration
	// Keyframe asks for one, and Begun is called with the first frame after a while. They are called on the goroutine
	// that gives frames, and do not call the stream back.
	Keyframe, Begun func()
}

// Stream is one RTP stream: it packetizes the frames of a feed. It is a media.Sink.
type Stream struct {
	options StreamOptions

	mu sync.Mutex
	// writer is nil before Bind and after Unbind; info is what interceptors know of it.
	writer     interceptor.RTPWriter
	info       *interceptor.StreamInfo
	packetizer *packetize.Packetizer
	mid        string
	extensions extensionIDs
	captured   captureTimes
	header     rtp.Header
	counts     StreamCounts
	last       lastFrame
	// broken says that frames were left out: the next one that is sent is a keyframe.
	broken bool
}

// StreamCounts is what was sent; Bytes are those of payloads.
type StreamCounts struct {
	SSRC, RTXSSRC, ClockRate uint32
	Mid                      string
	PayloadType              uint8
	// First is the sequence number of the First packet.
	First uint16

	Packets, Bytes, Frames, Keyframes uint64
	// LeftOut are Frames that would have waited for too long.
	LeftOut uint64

	// Level is the last loudness, as of media.EncodedFrame; Energy and Sound are
	// W3C's totalAudioEnergy and totalSamplesDuration.
	Level  uint8
	Energy float64
	Sound  time.Duration
}

// extensionIDs are the negotiated numbers of the header extensions that are
// written here; 0 is not negotiated.
type extensionIDs struct{ mid, rid, audioLevel, dependencies uint8 }

// NewStream makes a stream that sends nothing before Bind.
func NewStream(options StreamOptions) *Stream { return &Stream{options: options} }

// Bind makes it the stream that info says, written to writer, with packets of the packetizer and the mid.
func (s *Stream) Bind(info *interceptor.StreamInfo, mid string, packetizer *packetize.Packetizer, writer interceptor.RTPWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info, s.writer = info, writer
	s.packetizer, s.mid = packetizer, mid
	s.header = rtp.Header{
		Version: 2, PayloadType: info.PayloadType, SSRC: info.SSRC,
		SequenceNumber: uint16(randutil.NewMathRandomGenerator().Uint32()), //nolint:gosec // any 16 bits
	}
	s.counts = StreamCounts{
		SSRC: info.SSRC, RTXSSRC: info.SSRCRetransmission, Mid: mid,
		ClockRate: info.ClockRate, PayloadType: info.PayloadType, First: s.header.SequenceNumber,
	}
	id := func(uri string) uint8 { return rtpwire.ExtensionID(info.RTPHeaderExtensions, uri) }
	s.captured = newCaptureTimes(id(rtpwire.AbsCaptureTimeURI))
	s.extensions = extensionIDs{
		mid: id(rtpwire.MidURI), rid: id(rtpwire.RidURI),
		audioLevel: id(rtpwire.AudioLevelURI), dependencies: id(rtpwire.DependencyDescriptorURI),
	}
}

// Unbind ends the stream, and gives what it was bound as; nil if it was not.
func (s *Stream) Unbind() *interceptor.StreamInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := s.info
	s.writer, s.info = nil, nil

	return info
}

// Restart is called between two feeds, whose clocks have nothing in common.
func (s *Stream) Restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.packetizer != nil {
		s.packetizer.Rebase()
	}
	s.captured.restart()
}

// WriteFrame implements media.Sink.
func (s *Stream) WriteFrame(frame *media.EncodedFrame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer == nil || s.leaveOut(frame) {
		return
	}
	now := time.Now()
	taken := s.options.Clock.At(frame.PTS, now)
	packets, timestamp := s.packetizer.Packetize(frame, now)
	if len(packets) == 0 {
		return
	}
	begins := now.Sub(s.last.sent) > reportInterval
	s.last = lastFrame{timestamp: timestamp, taken: taken, sent: now}
	s.header.Timestamp = timestamp
	for i, packet := range packets {
		s.header.Marker = s.options.Kind == media.Video && i == len(packets)-1
		s.write(frame, packet)
	}
	s.counts.add(frame)
	if begins {
		s.options.Begun()
	}
}

func (c *StreamCounts) add(frame *media.EncodedFrame) {
	c.Frames++
	if frame.Keyframe {
		c.Keyframes++
	}
	if frame.AudioLevel == 0 {
		return
	}
	c.Level = frame.AudioLevel
	c.Sound += frame.Duration
	level := rtpwire.LinearLevel(c.Level)
	c.Energy += level * level * frame.Duration.Seconds()
}

// Counts are what was sent; empty before Bind.
func (s *Stream) Counts() StreamCounts {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.counts
}

func (s *Stream) write(frame *media.EncodedFrame, packet packetize.Packet) {
	// Interceptors add extensions of their own: each packet begins with none.
	s.header.Extension, s.header.Extensions = false, nil
	if s.extensions.mid != 0 && s.counts.Packets < midPackets {
		_ = s.header.SetExtension(s.extensions.mid, []byte(s.mid))
	}
	if s.options.RID != "" && s.extensions.rid != 0 && s.counts.Packets < midPackets {
		_ = s.header.SetExtension(s.extensions.rid, []byte(s.options.RID))
	}
	if s.extensions.audioLevel != 0 && frame.AudioLevel != 0 {
		level := rtp.AudioLevelExtension{Level: frame.AudioLevel & 0x7f, Voice: frame.AudioLevel < voiceLevel}
		if value, err := level.Marshal(); err == nil {
			_ = s.header.SetExtension(s.extensions.audioLevel, value)
		}
	}
	s.captured.stamp(&s.header, frame.PTS, time.Now())
	if s.extensions.dependencies != 0 && packet.Dependencies != nil {
		profile := uint16(rtp.ExtensionProfileOneByte)
		if len(packet.Dependencies) > mostOneByteExtension {
			profile = rtp.ExtensionProfileTwoByte
		}
		_ = s.header.SetExtensionWithProfile(s.extensions.dependencies, packet.Dependencies, profile)
	}
	header := s.header
	// A lost connection is told by the connection's state, not by every packet.
	if n, err := s.writer.Write(&header, packet.Payload, nil); err == nil && n > 0 {
		s.counts.Packets++
		s.counts.Bytes += uint64(len(packet.Payload))
	}
	s.header.SequenceNumber++
}

// mostOneByteExtension is what a header extension of the short form holds (RFC 8285 section 4.2).
const mostOneByteExtension = 16

// voiceLevel in -dBov: sound above it is taken for voice (RFC 6464).
const voiceLevel = 60
