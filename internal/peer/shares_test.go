package peer

import (
	"slices"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/sending"
)

// aimedFeed remembers what it was told to aim at.
type aimedFeed struct {
	media.Feed
	target int
}

func (f *aimedFeed) SetTargetBitrate(bitsPerSecond int) { f.target = bitsPerSecond }

// sharing is a sender whose layers have feeds, and their demands.
func sharing(p *Peer, kind media.Kind, layers ...congestion.Layer) (demands []demand, feeds []*aimedFeed) {
	s := &Sender{peer: p, kind: kind}
	for i, l := range layers {
		l.Sent = true
		f := &aimedFeed{}
		s.layers = append(s.layers, &layer{sender: s, index: i})
		feeds = append(feeds, f)
		demands = append(demands, demand{layer: s.layers[i], feed: f, Demand: sending.Demand{
			Sender: s, Index: i, Video: kind == media.Video, Fixed: kind == media.Audio, Bitrate: l.Max, Layer: l,
		}})
	}

	return demands, feeds
}

func TestWhatSoundLeavesIsForTheEncoders(t *testing.T) {
	p, now := newTestPeer(t), time.Now()
	sound, _ := sharing(p, media.Audio, congestion.Layer{Max: 200_000})
	first, firstFeeds := sharing(p, media.Video, congestion.Layer{Min: 50_000, Max: 2_000_000})
	second, secondFeeds := sharing(p, media.Video, congestion.Layer{Min: 50_000, Max: 100_000})
	encoded := append(first, second...)
	for _, c := range []struct{ bitrate, first, second int }{
		{1_000_000, 660_000, 100_000},
		{200_000, 50_000, 50_000},
		{10_000_000, 2_000_000, 100_000},
	} {
		share(c.bitrate, true, slices.Concat(sound, encoded), now)
		if firstFeeds[0].target != c.first || secondFeeds[0].target != c.second {
			t.Errorf("%d bit/s: %d and %d, expected %d and %d",
				c.bitrate, firstFeeds[0].target, secondFeeds[0].target, c.first, c.second)
		}
	}
	if reason := first[0].layer.rate.limits.Reason(); reason != "none" {
		t.Errorf("limited by %s", reason)
	}
}

func TestALayerThatTheNetworkDoesNotCarryIsLeftOut(t *testing.T) {
	p, now := newTestPeer(t), time.Now()
	layers := []congestion.Layer{{Min: 50_000, Max: 200_000}, {Min: 150_000, Max: 600_000}}
	encoded, feeds := sharing(p, media.Video, layers...)
	suspended := func() bool {
		encoded[1].layer.sender.mu.Lock()
		defer encoded[1].layer.sender.mu.Unlock()

		return encoded[1].layer.rate.suspended
	}
	share(300_000, false, encoded, now)
	if suspended() {
		t.Error("left out before anything was measured")
	}
	share(300_000, true, encoded, now)
	if !suspended() || feeds[0].target != 200_000 {
		t.Errorf("left out: %v, the first layer with %d bit/s", suspended(), feeds[0].target)
	}
	if reason := encoded[1].layer.rate.limits.Reason(); reason != "bandwidth" {
		t.Errorf("limited by %s", reason)
	}
	encoded[1].Sent = false
	share(2_000_000, true, encoded, now)
	if suspended() {
		t.Error("it does not come back")
	}
}

func TestABitrateToBeginWithBoundsALayerAtFirst(t *testing.T) {
	p, now := newTestPeer(t), time.Now()
	encoded, feeds := sharing(p, media.Video, congestion.Layer{Min: 50_000, Max: 2_000_000})
	encoded[0].Start = 200_000
	share(5_000_000, true, encoded, now)
	if feeds[0].target != 200_000 {
		t.Errorf("%d bit/s at first", feeds[0].target)
	}
}

func TestFeedbackThatChangesNothingAsksNobody(t *testing.T) {
	var s shares
	now := time.Unix(1000, 0)
	for i, c := range []struct {
		left            int
		measured, known bool
		after           time.Duration
		due             bool
	}{
		{1_000_000, false, true, 0, true},
		{1_000_000, false, true, 100, false},
		{1_009_000, false, true, 200, false},
		{1_011_000, false, true, 300, true},
		{1_011_000, true, true, 310, true},
		{1_011_000, true, true, 400, false},
		{900_000, true, true, 410, true},
		{0, true, false, 420, true},
		{0, true, false, 919, false},
		{0, true, false, 920, true},
	} {
		if due := s.due(c.left, c.measured, c.known, now.Add(c.after*time.Millisecond)); due != c.due {
			t.Errorf("%d: shared out: %v", i, due)
		}
	}
}
