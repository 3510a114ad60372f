package congestion

import (
	"math"
	"time"
)

// libwebrtc's numbers: AimdRateControl.
const (
	backOff = 0.85
	growth  = 1.08
	// leastStep in bits a second, of a growth by steps.
	leastStep = 4000
	// aboveThroughput is how far above what arrives the rate may grow.
	aboveThroughput     = 1.5
	aboveThroughputMore = 10_000
)

// rate grows while no queue does, and falls below what arrives when one grows
// (draft section 5.5).
type rate struct {
	current          float64
	increasing       bool
	changedAt        time.Time
	reducedAt        time.Time
	capacity         capacity
	roundTrip        time.Duration
	lowest, greatest float64
}

func newRate(start, lowest, highest float64) *rate {
	return &rate{current: start, roundTrip: 200 * time.Millisecond, lowest: lowest, greatest: highest}
}

// update follows what the detector says. throughput is 0 where it is unknown.
func (r *rate) update(state usage, throughput float64, now time.Time) {
	switch state {
	case usageOver:
		r.decrease(throughput, now)
	case usageUnder:
		// The queue drains: growing now would fill it again.
		r.increasing, r.changedAt = false, now
	case usageNormal:
		if !r.increasing {
			r.increasing, r.changedAt = true, now

			return
		}
		r.increase(throughput, now)
	}
}

// mayDecrease is once a round trip, or at once where next to nothing arrives.
func (r *rate) mayDecrease(throughput float64, now time.Time) bool {
	interval := min(max(r.roundTrip, 10*time.Millisecond), 200*time.Millisecond)

	return now.Sub(r.reducedAt) >= interval || throughput < r.current/2
}

func (r *rate) decrease(throughput float64, now time.Time) {
	if !r.mayDecrease(throughput, now) {
		return
	}
	r.increasing, r.changedAt, r.reducedAt = false, now, now
	if throughput <= 0 {
		r.set(r.current / 2)

		return
	}
	next := throughput * backOff
	if next > r.current && r.capacity.known {
		next = r.capacity.estimate * backOff
	}
	r.capacity.add(throughput)
	r.set(min(next, r.current))
}

func (r *rate) increase(throughput float64, now time.Time) {
	elapsed := min(now.Sub(r.changedAt).Seconds(), 1)
	r.changedAt = now
	if throughput > r.capacity.highest() {
		r.capacity = capacity{}
	}
	limit := math.Inf(1)
	if throughput > 0 {
		limit = aboveThroughput*throughput + aboveThroughputMore
	}
	if r.current >= limit {
		return
	}
	step := max(r.current*(math.Pow(growth, elapsed)-1), 1000*elapsed)
	if r.capacity.known {
		step = r.stepNearCapacity() * elapsed
	}
	r.set(min(r.current+step, limit))
}

// stepNearCapacity is a packet in the time that an answer takes, a second.
func (r *rate) stepNearCapacity() float64 {
	const framesPerSecond, packetBits = 30, 1200 * 8
	frame := r.current / framesPerSecond
	packet := frame / math.Ceil(frame/packetBits)
	response := 2 * (r.roundTrip + 100*time.Millisecond)

	return max(leastStep, packet/response.Seconds())
}

func (r *rate) set(bitrate float64) { r.current = min(max(bitrate, r.lowest), r.greatest) }

// capacity is what a link was seen to carry while its queue grew.
type capacity struct {
	known     bool
	estimate  float64
	deviation float64
}

// add smooths over several times; what is far off begins anew.
func (c *capacity) add(bitrate float64) {
	const weight = 0.05
	if c.known && (bitrate < c.estimate-3*c.spread() || bitrate > c.highest()) {
		*c = capacity{}
	}
	if !c.known {
		*c = capacity{known: true, estimate: bitrate, deviation: 0.4}

		return
	}
	before := c.estimate
	c.estimate += weight * (bitrate - before)
	// A variance, normalised by the rate in kbit/s.
	off := (bitrate - before) / 1000
	c.deviation = (1-weight)*c.deviation + weight*off*off/max(c.estimate/1000, 1)
	c.deviation = min(max(c.deviation, 0.4), 2.5)
}

func (c *capacity) highest() float64 {
	if !c.known {
		return math.Inf(1)
	}

	return c.estimate + 3*c.spread()
}

func (c *capacity) spread() float64 { return math.Sqrt(c.deviation*c.estimate/1000) * 1000 }
