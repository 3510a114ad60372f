package congestion

import (
	"math"
	"time"
)

// The loss that is no sign of congestion, and that which is one (draft section 6).
const (
	littleLoss = 0.02
	muchLoss   = 0.1
)

const (
	// lossPeriod and lossPackets make a share that chance has little part in.
	lossPeriod  = time.Second
	lossPackets = 100
	// lossPeriodLimit is for streams of few packets.
	lossPeriodLimit = 3 * time.Second
	// severeLoss is no chance in so few packets: a queue that is full, and so grows no
	// more. It is believed at once, and whole.
	severeLoss    = 0.2
	severePackets = 40
	// leastLossLimit is what a limit comes back from in reasonable time.
	leastLossLimit = 50_000
)

// lossLimit bounds the rate while much is lost. It is without effect else: a
// queue is noticed before it overflows, and a radio link loses without one.
type lossLimit struct {
	// bitrate is +Inf for none.
	bitrate        float64
	since, updated time.Time
	lost, total    int
	reducedAt      time.Time
	// share is the last.
	share float64
}

func newLossLimit() *lossLimit { return &lossLimit{bitrate: math.Inf(1)} }

// add counts packets that were told of, which were sent after the last reduction.
// current is what is aimed at.
func (l *lossLimit) add(lost, total int, current float64, roundTrip time.Duration, now time.Time) {
	if l.total == 0 {
		l.since = now
	}
	l.lost += lost
	l.total += total
	elapsed := now.Sub(l.since)
	share := float64(l.lost) / float64(max(l.total, 1))
	severe := l.total >= severePackets && share > severeLoss
	if (l.total < lossPackets || elapsed < lossPeriod) && elapsed < lossPeriodLimit && !severe {
		return
	}
	l.update(share, current, roundTrip, now)
	l.lost, l.total = 0, 0
}

// update follows a share of packets that were lost.
func (l *lossLimit) update(share, current float64, roundTrip time.Duration, now time.Time) {
	elapsed := min(now.Sub(l.updated), lossPeriodLimit).Seconds()
	l.updated, l.share = now, share
	switch {
	case share <= littleLoss:
		l.bitrate *= math.Pow(growth, elapsed)
		// What binds no more is forgotten.
		if l.bitrate > 2*current {
			l.bitrate = math.Inf(1)
		}
	case share > muchLoss && now.Sub(l.reducedAt) >= 300*time.Millisecond+roundTrip:
		l.reducedAt = now
		if share < severeLoss {
			share /= 2
		}
		l.bitrate = max(min(l.bitrate, current)*(1-share), leastLossLimit)
	}
}
