package peer

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// sendSide is congestion control of what one peer sends: an interceptor between
// those that make packets and the network. It gives each packet its number and
// time as it leaves, lets video wait for its turn, and estimates from the server's
// feedback how much the network takes.
type sendSide struct {
	interceptor.NoOp

	// start runs a goroutine that ends with the peer.
	start func(name string, f func(done <-chan struct{}))
	// changed is called after each feedback, on the goroutine that reads RTCP.
	changed func()
	closed  atomic.Bool

	mu        sync.Mutex
	estimator *congestion.Estimator
	unpacker  congestion.Unpacker
	pacer     *congestion.Pacer[queuedPacket]
	// controlled says that feedback was negotiated. Without it nothing waits.
	controlled bool
	// repairs bounds what is sent again.
	repairs repairBudget
	// repairBytes were sent again in all.
	repairBytes uint64
	// running says that a goroutine sends what waits.
	running bool
	streams map[uint32]*pacedStream
	// committed is what is sent whatever the estimate is, in bits a second.
	committed int
}

func newSendSide() *sendSide {
	s := &sendSide{estimator: congestion.NewEstimator(0), streams: make(map[uint32]*pacedStream)}
	s.pacer = congestion.NewPacer[queuedPacket](0)
	s.repace(time.Time{})

	return s
}

// NewInterceptor implements interceptor.Factory.
func (s *sendSide) NewInterceptor(string) (interceptor.Interceptor, error) { return s, nil }

// BindLocalStream implements interceptor.Interceptor.
func (s *sendSide) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	stream := &pacedStream{
		side: s, writer: writer, ssrc: info.SSRC,
		rtxSSRC: info.SSRCRetransmission, rtxPayloadType: info.PayloadTypeRetransmission,
		sound: strings.HasPrefix(strings.ToLower(info.MimeType), "audio/"),
	}
	for _, e := range info.RTPHeaderExtensions {
		switch e.URI {
		case rtpwire.TransportWideCCURI:
			stream.sequenceID = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		case rtpwire.AbsSendTimeURI:
			stream.timeID = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		case rtpwire.MidURI:
			stream.midID = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		case rtpwire.RidURI:
			stream.ridID = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		case rtpwire.RepairedRidURI:
			stream.repairedRidID = uint8(e.ID) //nolint:gosec // at most 255 (RFC 8285)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[info.SSRC] = stream
	// A server without transport-wide feedback estimates from the time of sending (REMB).
	s.controlled = s.controlled || stream.sequenceID != 0 || stream.timeID != 0 && !stream.sound

	return interceptor.RTPWriterFunc(stream.write)
}

// UnbindLocalStream implements interceptor.Interceptor.
func (s *sendSide) UnbindLocalStream(info *interceptor.StreamInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := s.streams[info.SSRC]
	delete(s.streams, info.SSRC)
	s.pacer.Drop(func(p queuedPacket) bool { return p.stream == stream })
}

// begin sets the bitrate to begin with; the highest that is asked for counts.
func (s *sendSide) begin(bitsPerSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bitsPerSecond > congestion.StartBitrate && !s.estimator.Measured() {
		s.estimator.Begin(bitsPerSecond)
		s.repace(time.Now())
	}
}

// bitrate is the estimate in bits a second, as far as it is known. measured says
// that the server has told anything yet.
func (s *sendSide) bitrate() (bitsPerSecond int, measured, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.controlled {
		return 0, false, false
	}
	bitsPerSecond, known = s.estimator.Bitrate(time.Now())

	return bitsPerSecond, s.estimator.Measured(), known
}

// share tells how much could be used, and what is sent whatever the estimate is.
func (s *sendSide) share(wanted, committed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.estimator.Want(wanted)
	s.committed = committed
	s.repace(now)
	s.probe(now)
}

// repace follows the estimate. What does not follow it is not held up by it.
func (s *sendSide) repace(now time.Time) {
	s.pacer.SetRate(s.estimator.Pacing(s.committed, now))
}

// giveUp lets nothing wait where the server tells nothing, with mu held.
func (s *sendSide) giveUp(now time.Time) {
	if s.controlled && s.estimator.Silent(now) {
		s.controlled = false
		s.start("sharing out", func(<-chan struct{}) { s.changed() })
	}
}

// waiting is how long a packet of video would wait.
func (s *sendSide) waiting() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.pacer.Waiting()
}

// sentOf is what was sent of a stream: of its packets alone, and with what was
// sent again.
func (s *sendSide) sentOf(ssrc uint32) pacedCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stream := s.streams[ssrc]; stream != nil {
		return stream.counts
	}

	return pacedCounts{}
}

// backlog is what waits, in bits.
func (s *sendSide) backlog() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return 8 * s.pacer.Bytes()
}

// repaired is how many bytes were sent again.
func (s *sendSide) repaired() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.repairBytes
}

// close lets nothing wait any more. It does not take the lock: who holds it may
// wait for a connection that is about to be closed.
func (s *sendSide) close() { s.closed.Store(true) }

// pacedStream is one stream of RTP and its retransmissions.
type pacedStream struct {
	side           *sendSide
	writer         interceptor.RTPWriter
	ssrc, rtxSSRC  uint32
	rtxPayloadType uint8
	sound          bool
	// The negotiated numbers of header extensions; 0 is not negotiated.
	sequenceID, timeID          uint8
	midID, ridID, repairedRidID uint8

	// The side's mu guards the rest. rtxSequence numbers what is sent again: pion
	// numbers each packet that it keeps for that, so that a packet that is sent twice
	// would be taken for a replay.
	rtxSequence uint16
	// padding is a recent packet, which a probe sends again.
	padding paddingPacket
	// mid and rid are those that packets carried: later ones do not.
	mid, rid []byte
	// repaired are the packets that were sent again, and when.
	repaired map[uint16]time.Time
	counts   pacedCounts
}

// pacedCounts is what left.
type pacedCounts struct {
	// bytes are those of whole RTP packets, repairs and padding included.
	bytes uint64
	// delay is W3C's totalPacketSendDelay.
	delay time.Duration
	// refused is what would have waited for too long.
	refused uint64
}

type paddingPacket struct {
	header  rtp.Header
	payload []byte
}
