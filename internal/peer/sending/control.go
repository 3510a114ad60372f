package sending

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
)

// backlogPart of a second at the estimate may wait without harm; what more waits
// leaves at least backlogLeast of it to the encoders.
const backlogPart, backlogLeast = 0.25, 0.5

// Control is congestion control of what one peer sends, between the streams and the
// network. It gives each packet its number and time as it leaves, lets video wait for its
// turn, sends again what the server misses, and estimates from the server's feedback how
// much the network takes.
type Control struct {
	start   func(name string, f func(done <-chan struct{}))
	changed func()
	closed  atomic.Bool
	// down says that there is no way to the server.
	down atomic.Bool

	mu        sync.Mutex
	estimator *congestion.Estimator
	unpacker  congestion.Unpacker
	pacer     *congestion.Pacer[queuedPacket]
	// controlled says that feedback was negotiated. Without it nothing waits.
	controlled bool
	// way is where packets leave; burst are those that leave together.
	way      Way
	bursting bool
	burst    []leaving
	// headers are of the packet that is being sent.
	headers headers
	// repairs bounds what is sent again.
	repairs repairBudget
	// roundTrip is the last that was told of.
	roundTrip time.Duration
	// repairBytes were sent again in all, at the rate of repairing.
	repairBytes uint64
	repairing   Meter
	// running says that a goroutine sends what waits.
	running bool
	streams map[uint32]*pacedStream
	// committed is what is sent whatever the estimate is, in bits a second.
	committed int
}

// NewControl makes one whose goroutines start runs, and end with done; changed is called after each feedback, on the
// goroutine that brings it.
func NewControl(start func(name string, f func(done <-chan struct{})), changed func()) *Control {
	s := &Control{
		start: start, changed: changed,
		estimator: congestion.NewEstimator(0), streams: make(map[uint32]*pacedStream),
	}
	s.pacer = congestion.NewPacer[queuedPacket](0)
	s.repace(time.Time{})

	return s
}

// Open says where packets leave, before any stream is bound.
func (s *Control) Open(way Way) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.way = way
}

// Begin sets the bitrate to begin with; the highest that is asked for counts.
func (s *Control) Begin(bitsPerSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bitsPerSecond > congestion.StartBitrate && !s.estimator.Measured() {
		s.estimator.Begin(bitsPerSecond)
		s.repace(time.Now())
	}
}

// Bitrate is the estimate in bits a second, as far as it is known. measured says
// that the server has told anything yet.
func (s *Control) Bitrate() (bitsPerSecond int, measured, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.controlled {
		return 0, false, false
	}
	bitsPerSecond, known = s.estimator.Bitrate(time.Now())

	return bitsPerSecond, s.estimator.Measured(), known
}

// Share tells how much could be used, and what is sent whatever the estimate is.
func (s *Control) Share(wanted, committed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.estimator.Want(wanted)
	s.committed = committed
	s.repace(now)
	s.probe(now)
}

// repace follows the estimate. What does not follow it is not held up by it.
func (s *Control) repace(now time.Time) {
	s.pacer.SetRate(s.estimator.Pacing(s.committed, now))
}

// giveUp lets nothing wait where the server tells nothing, with mu held.
func (s *Control) giveUp(now time.Time) {
	if s.controlled && s.estimator.Silent(now) {
		s.controlled = false
		s.start("sharing out", func(<-chan struct{}) { s.changed() })
	}
}

// Waiting is how long a packet of video would wait.
func (s *Control) Waiting() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.pacer.Waiting()
}

// Left is what of an estimate the packets of streams may take: repairs have their part, and encoders make room for
// what waits, but for a keyframe that is on its way.
func (s *Control) Left(bitrate int, now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	repairs := s.repairing.Measure(s.repairBytes, now)
	rest := bitrate - min(repairs, int(repairPart*float64(bitrate)))
	if backlog := 8 * s.pacer.Bytes(); float64(backlog) > backlogPart*float64(bitrate) {
		rest = max(rest-backlog, int(backlogLeast*float64(bitrate)))
	}

	return rest
}

// SetDown says whether there is no way to the server. Frames are left out then, before they take numbers: SRTP's other end
// reads no stream any more of which it has missed half of the 2^16 numbers that there are (RFC 3711 section 3.3.1).
func (s *Control) SetDown(down bool) { s.down.Store(down) }

// Stop lets nothing wait any more. It does not take the lock: who holds it may
// wait for a connection that is about to be closed.
func (s *Control) Stop() { s.closed.Store(true) }
