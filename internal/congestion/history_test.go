package congestion

import (
	"math"
	"testing"
	"time"
)

// However many packets a feedback tells of, those that are on their way are not lost.
func TestPacketsOnTheirWayAreNotLost(t *testing.T) {
	for _, perFeedback := range []int{10, 100, 300, 420, 3000} {
		e := NewEstimator(0)
		now := time.Unix(0, 0)
		base := e.Sent(1200, 0, now)
		sent := 1
		for round := range 20 {
			for ; sent < (round+1)*perFeedback+perFeedback/2; sent++ {
				e.Sent(1200, 0, now)
			}
			now = now.Add(100 * time.Millisecond)
			feedback := &Feedback{Base: base + uint16(round*perFeedback)} //nolint:gosec // modulo 2^16 is meant
			for i := range perFeedback {
				arrived := time.Duration(round)*100*time.Millisecond + time.Duration(i)*100*time.Millisecond/time.Duration(perFeedback)
				feedback.Packets = append(feedback.Packets, Arrival{Received: true, Arrived: arrived})
			}
			e.Feedback(feedback, now)
		}
		if e.loss.share != 0 || !math.IsInf(e.loss.bitrate, 1) {
			t.Errorf("%d packets a feedback: %g lost, %g bit/s", perFeedback, e.loss.share, e.loss.bitrate)
		}
	}
}

func TestWhatTheServerEstimatesIsBounded(t *testing.T) {
	for _, bitsPerSecond := range []float64{2.4e24, math.Inf(1), 1e18} {
		e := NewEstimator(0)
		e.Remote(bitsPerSecond)
		if pacing := e.Pacing(0, time.Unix(0, 0)); pacing < lowestBitrate || pacing > 10*highestBitrate {
			t.Errorf("REMB of %g paces at %d bit/s", bitsPerSecond, pacing)
		}
	}
}
