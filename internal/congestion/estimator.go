package congestion

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Bounds of the estimate in bits a second.
const (
	// StartBitrate is what is begun with where nothing else was asked for.
	StartBitrate   = 1_000_000
	lowestBitrate  = 10_000
	highestBitrate = 100_000_000
)

const (
	// firstAnswerLimit is how long a server may take that answers at all.
	firstAnswerLimit = 5 * time.Second
	// mostProbed probes are measured at a time.
	mostProbed = 8
)

// Estimator estimates what the way to the server takes. It is not safe for
// concurrent use.
type Estimator struct {
	history    history
	groups     groups
	trend      *trend
	throughput throughput
	rate       *rate
	loss       *lossLimit
	prober     prober
	probed     []*probed

	// began is when the first packet was sent.
	began time.Time
	// answered says that transport-wide feedback came.
	answered bool
	// settledTo is up to where packets that are missing are lost.
	settledTo uint16
	// remote is the server's own estimate or limit; 0 is none.
	remote float64
	wanted float64
}

// NewEstimator begins with start bits a second; 0 is StartBitrate.
func NewEstimator(start int) *Estimator {
	e := &Estimator{trend: newTrend(), loss: newLossLimit()}
	e.Begin(start)

	return e
}

// Begin sets what is begun with, while nothing is known yet.
func (e *Estimator) Begin(start int) {
	if start <= 0 {
		start = StartBitrate
	}
	if !e.answered {
		e.rate = newRate(float64(start), lowestBitrate, highestBitrate)
	}
}

// Begun tells that something is being sent that the server can tell of.
func (e *Estimator) Begun(now time.Time) {
	if e.began.IsZero() {
		e.began = now
	}
}

// Sent numbers a packet that is being sent, of size bytes. probe is the number of
// the probe that it is part of, 0 for none.
func (e *Estimator) Sent(size, probe int, now time.Time) uint16 {
	e.Begun(now)

	return e.history.add(now, size, probe)
}

// Want tells how much could be used, in bits a second.
func (e *Estimator) Want(bitsPerSecond int) { e.wanted = float64(bitsPerSecond) }

// Bitrate is the estimate in bits a second. It is not known where the server
// tells nothing.
func (e *Estimator) Bitrate(now time.Time) (bitsPerSecond int, known bool) {
	return int(e.target()), !e.Silent(now)
}

// Pacing is at what bitrate packets may leave, where committed is sent whatever
// the estimate is. Right after it fell, the queue on the way has to drain: what
// waits here would keep it full, and sound would be lost in it.
func (e *Estimator) Pacing(committed int, now time.Time) int {
	factor := PacingFactor
	if now.Sub(later(e.rate.reducedAt, e.loss.reducedAt)) < drainPeriod {
		factor = drainFactor
	}

	return int(max(factor*e.target(), PacingFactor*float64(committed)))
}

// Silent says that the server tells nothing, though it has had the time to.
func (e *Estimator) Silent(now time.Time) bool {
	return !e.Measured() && !e.began.IsZero() && now.Sub(e.began) > firstAnswerLimit
}

// Answered says that transport-wide feedback came, by which round trips are measured.
func (e *Estimator) Answered() bool { return e.answered }

// Measured says whether the server has told anything yet.
func (e *Estimator) Measured() bool { return e.answered || e.remote > 0 }

func (e *Estimator) target() float64 {
	target := math.Inf(1)
	if e.answered || e.remote == 0 {
		target = e.rate.current
	}
	if e.remote > 0 {
		target = min(target, e.remote)
	}

	return max(min(target, e.loss.bitrate), lowestBitrate)
}

// used is what may be sent at the most: what is lost was not of more.
func (e *Estimator) used() float64 {
	if e.wanted > 0 {
		return min(e.target(), e.wanted)
	}

	return e.target()
}

// RoundTrip is what the last answer took, at the least.
func (e *Estimator) RoundTrip() time.Duration { return e.rate.roundTrip }

// Remote takes the server's own estimate, or its limit (REMB); 0 is none.
func (e *Estimator) Remote(bitsPerSecond float64) {
	e.remote = 0
	if bitsPerSecond > 0 {
		e.remote = min(max(bitsPerSecond, lowestBitrate), highestBitrate)
	}
}

// Lost takes the share of packets that a reception report says are lost, where
// there is no transport-wide feedback.
func (e *Estimator) Lost(share float64, roundTrip time.Duration, now time.Time) {
	if !e.answered {
		e.loss.update(share, e.used(), roundTrip, now)
	}
}

// Feedback takes what became of packets, in the order of their numbers.
func (e *Estimator) Feedback(feedback *Feedback, now time.Time) {
	results := e.resolve(feedback)
	if len(results) == 0 {
		return
	}
	received := results[:0]
	for _, r := range results {
		if r.Received {
			received = append(received, r)
		}
	}
	// What was sent before the rate fell says nothing of what is sent since.
	lost, total := e.history.lost(e.settledTo, later(e.rate.reducedAt, e.loss.reducedAt))
	e.settledTo = feedback.Base + uint16(len(feedback.Packets)) //nolint:gosec // modulo 2^16 is meant
	e.history.forget(e.settledTo)
	e.answered = true
	if len(received) == 0 {
		e.loss.add(lost, total, e.used(), e.rate.roundTrip, now)

		return
	}
	slices.SortStableFunc(received, func(a, b PacketResult) int { return cmp.Compare(a.Arrived, b.Arrived) })
	e.measureRoundTrip(received, now)
	state := e.detect(received, now)
	e.loss.add(lost, total, e.used(), e.rate.roundTrip, now)
	measured, shown := e.measureProbes(received)
	switch {
	case state == usageOver:
		before := e.rate.current
		e.rate.update(usageOver, e.throughput.bitrate(), now)
		e.prober.fell(before, e.rate.current, now)
	case shown:
		e.rate.set(measured)
		e.rate.changedAt = now
		e.throughput.shown(measured)
		// The network was not what was in the way.
		if e.loss.share <= muchLoss && e.loss.bitrate < measured {
			e.loss.bitrate = math.Inf(1)
		}
	default:
		e.rate.update(state, e.throughput.bitrate(), now)
	}
	if shown {
		e.prober.measured(measured, e.target(), e.wanted)
	}
}

// resolve finds the packets of a feedback.
func (e *Estimator) resolve(feedback *Feedback) []PacketResult {
	results := make([]PacketResult, 0, len(feedback.Packets))
	sequence := feedback.Base
	for _, p := range feedback.Packets {
		if r, ok := e.history.settle(sequence, p.Received); ok {
			r.Arrived = p.Arrived
			results = append(results, r)
		}
		sequence++
	}

	return results
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}

	return b
}

func (e *Estimator) measureRoundTrip(received []PacketResult, now time.Time) {
	shortest := time.Duration(math.MaxInt64)
	for _, r := range received {
		shortest = min(shortest, now.Sub(r.Sent))
	}
	e.rate.roundTrip = shortest
}

// detect tells how the queue on the way has changed.
func (e *Estimator) detect(received []PacketResult, now time.Time) usage {
	over := false
	for _, r := range received {
		e.throughput.add(r)
		between, ok := e.groups.add(r)
		if !ok {
			continue
		}
		before := e.trend.state
		e.trend.add(between, r.Arrived, now)
		// One overuse among the groups counts, as it is a single one that begins it.
		over = over || e.trend.state == usageOver && before != usageOver
	}
	if over {
		return usageOver
	}

	return e.trend.state
}

// Probe tells what is to be probed now.
func (e *Estimator) Probe(now time.Time) (Probe, bool) {
	if !e.answered && e.prober.begun || e.loss.share > muchLoss {
		return Probe{}, false
	}
	probe, ok := e.prober.due(e.target(), e.wanted, now)
	if ok {
		if len(e.probed) == mostProbed {
			e.probed = append(e.probed[:0], e.probed[1:]...)
		}
		e.probed = append(e.probed, &probed{probe: probe})
	}

	return probe, ok
}

func (e *Estimator) measureProbes(received []PacketResult) (bitrate float64, ok bool) {
	var latest *probed
	for _, r := range received {
		if r.Probe == 0 {
			continue
		}
		for _, m := range e.probed {
			if m.probe.ID == r.Probe {
				m.add(r)
				latest = m
			}
		}
	}
	if latest == nil {
		return 0, false
	}

	return latest.bitrate()
}
