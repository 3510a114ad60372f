package recorder

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

const (
	// oldest is how far a report may be from the frames: a stream that began anew has other timestamps.
	oldest = 30 * time.Second
	// acquainted is how long the earliest reports are learned from at once: they are few.
	acquainted = 30 * time.Second
)

// timing puts the frames of one track on the recorder's time. What its sender reports says when they were sent, which is how
// sound and picture are together though one takes longer on its way; until it does, they are by when they come.
type timing struct {
	arrivals timeline
	// sent are the sender's times, and read is the number of the last report.
	sent timeline
	read uint64
}

// time is that of a frame, which came at now. The recorder's mu is held.
func (r *Recorder) time(i *input, frame *media.EncodedFrame, now time.Duration) time.Duration {
	arrived := i.timing.arrivals.see(frame.PTS, now)
	reported, ok := i.track.(media.Reported)
	if !ok || frame.Received == nil {
		return arrived
	}
	report := reported.SenderReport()
	i.timing.hear(report, frame, time.Duration(i.codec.ClockRate))
	if !i.timing.sent.begun {
		return arrived
	}
	// One for all that the sender sends: what comes quickest tells where its clock stands.
	shared := r.clocks[report.Clock]
	if shared == nil {
		shared = &timeline{many: true}
		r.clocks[report.Clock] = shared
	}
	sent := shared.see(frame.PTS+i.timing.sent.offset, now)
	if (sent - arrived).Abs() > mostApart {
		return arrived
	}

	return sent
}

// hear takes a report that is new.
func (c *timing) hear(report media.SenderReport, frame *media.EncodedFrame, rate time.Duration) {
	if report.Number == c.read || rate <= 0 {
		return
	}
	c.read = report.Number
	ticks := int32(report.Timestamp - frame.Received.Timestamp) //nolint:gosec // wraps around, as it is meant to
	ahead := time.Duration(ticks) * time.Second / rate
	if ahead.Abs() > oldest {
		return
	}
	c.sent.settles = acquainted
	c.sent.see(frame.PTS+ahead, time.Duration(report.At.UnixNano()))
}
