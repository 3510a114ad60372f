package sending

import (
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/randutil"

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
	// paced is nil before Bind and after Unbind.
	paced      *pacedStream
	packetizer *packetize.Packetizer
	captured   captureTimes
	// next is the number of the next packet; packets are those of the frame at hand.
	next    uint16
	packets []packet
	counts  StreamCounts
	last    lastFrame
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

// NewStream makes a stream that sends nothing before Bind.
func NewStream(options StreamOptions) *Stream { return &Stream{options: options} }

// Bind makes it the stream that info says, with packets of the packetizer and the mid, which control sends.
func (s *Stream) Bind(info *interceptor.StreamInfo, mid string, packetizer *packetize.Packetizer, control *Control) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paced = control.bind(info, mid, s.options.RID)
	s.packetizer = packetizer
	s.next = uint16(randutil.NewMathRandomGenerator().Uint32()) //nolint:gosec // any 16 bits
	s.counts = StreamCounts{
		SSRC: info.SSRC, RTXSSRC: info.SSRCRetransmission, Mid: mid,
		ClockRate: info.ClockRate, PayloadType: info.PayloadType, First: s.next,
	}
	s.captured = captureTimes{wanted: s.paced.ids.captured != 0}
}

// Unbind ends the stream, and says whether it was bound.
func (s *Stream) Unbind() bool {
	s.mu.Lock()
	paced := s.paced
	s.paced = nil
	s.mu.Unlock()
	if paced == nil {
		return false
	}
	paced.unbind()

	return true
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
	if s.paced == nil || s.leaveOut(frame) {
		return
	}
	now := time.Now()
	taken := s.options.Clock.At(frame.PTS, now)
	cut, timestamp := s.packetizer.Packetize(frame, now)
	if len(cut) == 0 {
		return
	}
	begins := now.Sub(s.last.sent) > reportInterval
	s.last = lastFrame{timestamp: timestamp, taken: taken, sent: now}
	s.collect(frame, cut, now)
	packets, bytes := s.paced.writeAll(s.packets, now)
	s.counts.Packets += uint64(packets) //nolint:gosec // never negative
	s.counts.Bytes += uint64(bytes)     //nolint:gosec // never negative
	s.counts.add(frame)
	clear(s.packets)
	if begins {
		s.options.Begun()
	}
}

// Timestamp is what RTP says, or will say, of a frame of its feed.
func (s *Stream) Timestamp(pts time.Duration, now time.Time) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.packetizer == nil {
		return 0
	}

	return s.packetizer.Timestamp(pts, now)
}

// collect makes packets of what a frame was cut into.
func (s *Stream) collect(frame *media.EncodedFrame, cut []packetize.Packet, now time.Time) {
	s.packets = s.packets[:0]
	for i, one := range cut {
		s.packets = append(s.packets, packet{
			payload: one.Payload, dependencies: one.Dependencies,
			timestamp: s.last.timestamp, sequence: s.next,
			marker: s.options.Kind == media.Video && i == len(cut)-1,
			named:  s.counts.Packets+uint64(i) < midPackets, //nolint:gosec // never negative
			level:  levelByte(frame.AudioLevel),
		})
		s.next++
	}
	s.packets[0].captured = s.captured.due(s.last.taken, now)
}

// levelByte is a loudness in -dBov with a flag of voice; 0 is not known.
func levelByte(level uint8) uint8 {
	if level != 0 && level < voiceLevel {
		return level | 0x80
	}

	return level
}

// voiceLevel in -dBov: sound above it is taken for voice (RFC 6464).
const voiceLevel = 60

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
