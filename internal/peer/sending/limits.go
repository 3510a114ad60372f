package sending

import "time"

// Limits is how long the quality was limited, and by what (webrtc-stats,
// RTCOutboundRtpStreamStats).
type Limits struct {
	at        time.Time
	bandwidth bool
	durations struct{ none, bandwidth time.Duration }
}

// Note says what limits from now on.
func (l *Limits) Note(bandwidth bool, now time.Time) {
	if !l.at.IsZero() {
		if l.bandwidth {
			l.durations.bandwidth += now.Sub(l.at)
		} else {
			l.durations.none += now.Sub(l.at)
		}
	}
	l.at, l.bandwidth = now, bandwidth
}

// Until is how it was so far; nothing as long as nothing was noted.
func (l *Limits) Until(now time.Time) Limits {
	if !l.at.IsZero() {
		l.Note(l.bandwidth, now)
	}

	return *l
}

// Reason is W3C's qualityLimitationReason.
func (l *Limits) Reason() string {
	if l.bandwidth {
		return "bandwidth"
	}

	return "none"
}

// Seconds are W3C's qualityLimitationDurations.
func (l *Limits) Seconds() map[string]float64 {
	return map[string]float64{"none": l.durations.none.Seconds(), "bandwidth": l.durations.bandwidth.Seconds()}
}
