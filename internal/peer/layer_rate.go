package peer

import (
	"context"
	"math"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

const (
	// passthrough is the encoder of what is sent as it came.
	passthrough = "passthrough"
	// lowestVideo in bits a second is what a first layer gets whatever the estimate is.
	lowestVideo = 50_000
	// unknownVideo is taken for what an encoder wants that has not begun.
	unknownVideo = 1_500_000
	// leastPart of what a layer above the first can use makes it worth sending.
	leastPart = 4
)

// layerRate is what congestion control knows of a layer, guarded by the sender's mu.
type layerRate struct {
	// settings are those of the last feed, which began at.
	settings media.EncodingSettings
	began    time.Time
	// suspended layers are not sent: the estimate does not carry them.
	suspended bool
	// target was told to feed.
	target int
	feed   media.Feed
	limits sending.Limits

	// sending is what leaves.
	sending sending.Meter
}

// demand is what a layer could use of the estimate.
type demand struct {
	layer *layer
	feed  media.Feed
	sending.Demand
}

// demand is false of what is not to be sent anyway.
func (l *layer) demand(now time.Time) (demand, bool) {
	s := l.sender
	sent := s.peer.side.Paced(l.out.Counts().SSRC)
	s.mu.Lock()
	feed, worked, rate := l.feed, l.worked, &l.rate
	if !l.wanted() || feed == nil && !rate.suspended {
		s.mu.Unlock()

		return demand{}, false
	}
	d := demand{layer: l, feed: feed, Demand: sending.Demand{
		Sender: s, Index: l.index, Video: s.kind == media.Video, Bitrate: rate.sending.Measure(sent.Bytes, now),
	}}
	settings, began := rate.settings, rate.began
	s.mu.Unlock()
	if feed != nil {
		worked = feed.Stats()
	}
	d.Fixed = s.kind == media.Audio || worked.Encoder == passthrough
	d.Sent = feed != nil
	d.Max = worked.HighestBitrate
	if d.Max == 0 {
		d.Max = settings.MaxBitrate
	}
	if d.Max == 0 {
		d.Max = max(unknownVideo, settings.MinBitrate)
	}
	d.Min = max(min(lowestVideo, d.Max), settings.MinBitrate)
	if l.index > 0 {
		d.Min = max(d.Min, d.Max/leastPart)
	}
	if settings.StartBitrate > 0 {
		// What was asked for to begin with doubles every second.
		doubled := float64(settings.StartBitrate) * math.Pow(2, now.Sub(began).Seconds())
		if doubled < float64(d.Max) {
			d.Start = int(doubled)
		}
	}

	return d, true
}

// follow makes the layer's encoder aim at what it was given; 0 leaves it out.
func (d *demand) follow(bitrate int, now time.Time) {
	l := d.layer
	l.sender.mu.Lock()
	rate := &l.rate
	suspended := bitrate == 0
	changed := suspended != rate.suspended
	rate.suspended = suspended
	rate.limits.Note(bitrate < d.Max && !d.Fixed, now)
	// Encoders need not follow what they would not notice.
	told := !suspended && d.feed != nil && (rate.feed != d.feed || differs(bitrate, rate.target) || bitrate == d.Max)
	if told {
		rate.feed, rate.target = d.feed, bitrate
	}
	l.sender.mu.Unlock()
	if told {
		d.feed.SetTargetBitrate(bitrate)
	}
	if changed {
		l.sender.peer.start("changing a layer", func(context.Context) {
			if err := l.attach(); err != nil {
				l.sender.peer.log.Warnf("changing a layer: %v", err)
			}
		})
	}
}

func differs(a, b int) bool { return math.Abs(float64(a-b)) > 0.01*float64(b) }
