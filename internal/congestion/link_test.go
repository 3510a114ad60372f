package congestion

import (
	"math/rand/v2"
	"time"
)

// link is a simulated network: a queue before a bottleneck, and a server that
// tells every 100 ms of what arrived, by a clock of milliseconds as mediasoup's.
type link struct {
	now       time.Time
	began     time.Time
	estimator *Estimator
	pacer     *Pacer[int]
	random    *rand.Rand

	capacity float64
	queue    time.Duration
	delay    time.Duration
	loss     float64
	jitter   time.Duration
	reorder  float64
	// unheard is the share of the feedbacks that are lost.
	unheard float64

	freeAt    time.Time
	arrived   map[uint16]time.Time
	told      uint16
	sent      uint16
	toldAt    time.Time
	feedbacks []pendingFeedback

	// highest is what the encoder is asked for at the most; arrivedBytes since the
	// last reset, dropped by the queue.
	highest              float64
	frameAt              time.Time
	arrivedBytes, lost   int
	sentPackets, probes  int
	longestQueue, queued time.Duration
}

type pendingFeedback struct {
	at       time.Time
	feedback *Feedback
}

func newLink(capacity, highest float64) *link {
	began := time.Unix(1_000_000, 0)
	l := &link{
		now: began, began: began, estimator: NewEstimator(0), random: rand.New(rand.NewPCG(1, 2)),
		capacity: capacity, queue: 300 * time.Millisecond, delay: 20 * time.Millisecond,
		freeAt: began, toldAt: began, frameAt: began, arrived: map[uint16]time.Time{}, highest: highest,
	}
	l.pacer = NewPacer[int](int(PacingFactor * l.bitrate()))

	return l
}

func (l *link) bitrate() float64 {
	bitrate, _ := l.estimator.Bitrate(l.now)

	return float64(bitrate)
}

// run lets time pass, in steps of a millisecond.
func (l *link) run(d time.Duration) {
	for end := l.now.Add(d); l.now.Before(end); l.now = l.now.Add(time.Millisecond) {
		l.encode()
		for {
			size, ok, padding := l.pacer.Next(l.now)
			if padding {
				size = 1000
			} else if !ok {
				break
			}
			l.send(size)
		}
		l.answer()
	}
}

// encode makes a frame every 33 ms.
func (l *link) encode() {
	if l.now.Before(l.frameAt) {
		return
	}
	l.frameAt = l.frameAt.Add(time.Second / 30)
	bitrate := min(max(l.bitrate()*0.95, 50_000), l.highest)
	for bytes := int(bitrate / 8 / 30 * (0.8 + 0.4*l.random.Float64())); bytes > 0; bytes -= 1150 {
		l.pacer.Add(min(bytes, 1150)+30, min(bytes, 1150)+30, Picture, l.now)
	}
}

func (l *link) send(size int) {
	probe := l.pacer.Sent(size, l.now)
	sequence := l.estimator.Sent(size, probe, l.now)
	l.sent = sequence + 1
	l.sentPackets++
	begin := l.now
	if l.freeAt.After(begin) {
		begin = l.freeAt
	}
	l.queued = begin.Sub(l.now)
	l.longestQueue = max(l.longestQueue, l.queued)
	if l.queued > l.queue || l.random.Float64() < l.loss {
		l.lost++

		return
	}
	l.freeAt = begin.Add(time.Duration(float64(size) * 8 / l.capacity * float64(time.Second)))
	at := l.freeAt.Add(l.delay)
	if l.jitter > 0 {
		at = at.Add(time.Duration(l.random.Int64N(int64(l.jitter))))
	}
	if l.random.Float64() < l.reorder {
		at = at.Add(10 * time.Millisecond)
	}
	l.arrived[sequence] = at
	l.arrivedBytes += size
}

// answer makes a feedback of what has arrived, and delivers it after the delay.
func (l *link) answer() {
	if l.now.Sub(l.toldAt) >= 100*time.Millisecond {
		l.toldAt = l.now
		l.tell()
	}
	for len(l.feedbacks) > 0 && !l.now.Before(l.feedbacks[0].at) {
		l.estimator.Want(int(l.highest / 0.95))
		l.estimator.Feedback(l.feedbacks[0].feedback, l.now)
		l.feedbacks = l.feedbacks[1:]
		l.pacer.SetRate(l.estimator.Pacing(0, l.now))
	}
	if !l.pacer.Probing() {
		if probe, ok := l.estimator.Probe(l.now); ok {
			l.pacer.Begin(probe)
			l.probes++
		}
	}
}

func (l *link) tell() {
	base := l.told
	// What came late is told of then, as mediasoup does.
	for sequence, at := range l.arrived {
		if int16(sequence-base) < 0 && !at.After(l.now) {
			base = sequence
		}
	}
	feedback := &Feedback{Base: base}
	known := 0
	for sequence := base; sequence != l.sent; sequence++ {
		at, ok := l.arrived[sequence]
		ok = ok && !at.After(l.now)
		if ok {
			known = len(feedback.Packets) + 1
			delete(l.arrived, sequence)
		}
		feedback.Packets = append(feedback.Packets, Arrival{Received: ok, Arrived: at.Sub(l.began).Truncate(time.Millisecond)})
	}
	feedback.Packets = feedback.Packets[:known]
	if known == 0 {
		return
	}
	l.told = base + uint16(known)
	if l.unheard > 0 && l.random.Float64() < l.unheard {
		return
	}
	l.feedbacks = append(l.feedbacks, pendingFeedback{l.now.Add(l.delay), feedback})
}
