package congestion

import (
	"math"
	"time"
)

// libwebrtc's numbers: TrendlineEstimator.
const (
	trendWindow    = 20
	trendSmoothing = 0.9
	trendGain      = 4
	mostDeltas     = 60
	// overuseTime in ms: a queue has to grow for so long.
	overuseTime = 10
	// The threshold is in ms, its changes a ms.
	firstThreshold                  = 12.5
	lowestThreshold                 = 6
	highestThreshold                = 600
	thresholdUp, thresholdDown      = 0.0087, 0.039
	thresholdSpike, thresholdPeriod = 15, 100
)

// trend tells from how long packets take whether a queue grows (draft section
// 5.3 and 5.4, with a line through the last delays in place of a Kalman filter).
type trend struct {
	samples             []delaySample
	accumulated, smooth float64
	began               time.Duration
	started             bool
	deltas              int
	previous            float64
	threshold           float64
	thresholdAt         time.Time
	overFor             float64
	overCount           int
	state               usage
}

type delaySample struct{ at, delay float64 }

func newTrend() *trend { return &trend{threshold: firstThreshold, overFor: -1} }

// add takes the interval to a group that arrived.
func (t *trend) add(i interval, arrived time.Duration, now time.Time) {
	if !t.started {
		t.started, t.began = true, arrived
	}
	t.deltas = min(t.deltas+1, 1000)
	t.accumulated += milliseconds(i.arrived - i.sent)
	t.smooth = trendSmoothing*t.smooth + (1-trendSmoothing)*t.accumulated
	t.samples = append(t.samples, delaySample{at: milliseconds(arrived - t.began), delay: t.smooth})
	if len(t.samples) > trendWindow {
		t.samples = append(t.samples[:0], t.samples[1:]...)
	}
	slope := t.previous
	if len(t.samples) == trendWindow {
		slope = slopeOf(t.samples, slope)
	}
	t.detect(slope, milliseconds(i.sent), now)
}

// slopeOf is that of the line of least squares.
func slopeOf(samples []delaySample, otherwise float64) float64 {
	var at, delay float64
	for _, s := range samples {
		at += s.at
		delay += s.delay
	}
	at /= float64(len(samples))
	delay /= float64(len(samples))
	var above, below float64
	for _, s := range samples {
		above += (s.at - at) * (s.delay - delay)
		below += (s.at - at) * (s.at - at)
	}
	if below == 0 {
		return otherwise
	}

	return above / below
}

func (t *trend) detect(slope, sent float64, now time.Time) {
	if t.deltas < 2 {
		t.state = usageNormal

		return
	}
	modified := float64(min(t.deltas, mostDeltas)) * slope * trendGain
	switch {
	case modified > t.threshold:
		if t.overFor < 0 {
			t.overFor = sent / 2
		} else {
			t.overFor += sent
		}
		t.overCount++
		if t.overFor > overuseTime && t.overCount > 1 && slope >= t.previous {
			t.overFor, t.overCount = 0, 0
			t.state = usageOver
		}
	case modified < -t.threshold:
		t.overFor, t.overCount = -1, 0
		t.state = usageUnder
	default:
		t.overFor, t.overCount = -1, 0
		t.state = usageNormal
	}
	t.previous = slope
	t.adapt(modified, now)
}

// adapt follows the jitter of the network (draft section 5.4).
func (t *trend) adapt(modified float64, now time.Time) {
	if t.thresholdAt.IsZero() {
		t.thresholdAt = now
	}
	size := math.Abs(modified)
	if size > t.threshold+thresholdSpike {
		t.thresholdAt = now

		return
	}
	k := thresholdUp
	if size < t.threshold {
		k = thresholdDown
	}
	elapsed := min(milliseconds(now.Sub(t.thresholdAt)), thresholdPeriod)
	t.threshold += k * (size - t.threshold) * elapsed
	t.threshold = min(max(t.threshold, lowestThreshold), highestThreshold)
	t.thresholdAt = now
}
