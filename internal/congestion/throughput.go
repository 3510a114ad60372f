package congestion

import (
	"math"
	"time"
)

// libwebrtc's numbers: BitrateEstimator.
const (
	firstWindow = 500 * time.Millisecond
	window      = 150 * time.Millisecond
	uncertainty = 10.0
	drift       = 5.0
)

// throughput is what arrives, in bits a second by the server's clock.
type throughput struct {
	started  bool
	windowAt time.Duration
	last     time.Duration
	bytes    int
	// kilobits is the estimate in kbit/s, variance what it may be wrong by.
	kilobits, variance float64
	known              bool
}

// add takes a packet that arrived.
func (t *throughput) add(p PacketResult) {
	span := window
	if !t.known {
		span = firstWindow
	}
	if !t.started || p.Arrived < t.windowAt || p.Arrived-t.last > time.Second {
		t.started, t.windowAt, t.bytes = true, p.Arrived, 0
	}
	t.last = p.Arrived
	if elapsed := p.Arrived - t.windowAt; elapsed >= span {
		t.sample(float64(t.bytes)*8/milliseconds(elapsed), elapsed)
		t.windowAt, t.bytes = p.Arrived, 0
	}
	t.bytes += p.Size
}

func (t *throughput) sample(kilobits float64, elapsed time.Duration) {
	if !t.known {
		t.kilobits, t.variance, t.known = kilobits, 50, true

		return
	}
	// What is far from the estimate says little about it (a Bayesian update), but no less if it is above: libwebrtc's own
	// takes seconds to believe in ten times as much, and falls below it at the first queue.
	doubt := uncertainty * math.Abs(t.kilobits-kilobits) / max(t.kilobits, kilobits, 1)
	// A window without packets is longer than it should be.
	doubt *= doubt * float64(window) / float64(max(elapsed, window))
	predicted := t.variance + drift
	t.kilobits = (doubt*t.kilobits + predicted*kilobits) / (doubt + predicted)
	t.kilobits = max(t.kilobits, 0)
	t.variance = doubt * predicted / (doubt + predicted)
}

// bitrate is 0 until it is known.
func (t *throughput) bitrate() float64 { return t.kilobits * 1000 }

// shown takes what a probe has shown to arrive: what is far above the estimate is believed late else, and a probe that fills
// the way for a moment would have the rate fall to what was sent before it.
func (t *throughput) shown(bitrate float64) {
	if t.known {
		t.kilobits = max(t.kilobits, bitrate/1000)
	}
}
