package peer

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// kept asks twice within the time that reports are kept, and does something in between.
func kept(t *testing.T, ask func() []map[string]any, between func()) (first, second []map[string]any) {
	t.Helper()
	eventually(t, "two reports within 40 ms", func() bool {
		begun := time.Now()
		first = ask()
		between()
		second = ask()

		return time.Since(begun) < 40*time.Millisecond
	})

	return first, second
}

func TestReportsAreKeptForAMomentUnlessSomethingIsDone(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	track := newFakeTrack(media.Video)
	sender := add(t, a, track)
	negotiate(t, a, b)
	untilConnected(t, a, b)
	eventually(t, "a feed", func() bool { return track.feeds.Load() == 1 })
	sends := func() {
		track.write(&media.EncodedFrame{Data: []byte{0x10, 1, 2, 3}, Keyframe: true, PTS: time.Second})
	}
	for name, ask := range map[string]func() []map[string]any{"the peer": a.Stats, "the sender": sender.Stats} {
		first, second := kept(t, ask, sends)
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: another report within 50 ms", name)
		}
		before := field(t, second, "outbound-rtp", "timestamp").(float64)
		packets := field(t, second, "outbound-rtp", "packetsSent").(uint64)
		eventually(t, "a newer report", func() bool {
			report := ask()

			return field(t, report, "outbound-rtp", "timestamp").(float64) >= before+50 &&
				field(t, report, "outbound-rtp", "packetsSent").(uint64) > packets
		})
		for _, c := range []struct {
			what string
			does func()
		}{
			{"another track", func() {
				if err := sender.ReplaceTrack(newFakeTrack(media.Video), "other"); err != nil {
					t.Error(err)
				}
			}},
			{"a pause", func() { sender.SetPaused(true) }},
			{"no pause", func() { sender.SetPaused(false) }},
			{"encodings", func() { _ = sender.SetEncodings([]Encoding{{Active: true, MaxBitrate: 1}}) }},
		} {
			first, second := kept(t, ask, c.does)
			if field(t, first, "outbound-rtp", "timestamp") == field(t, second, "outbound-rtp", "timestamp") {
				t.Errorf("%s: the report after %s is the one before", name, c.what)
			}
		}
		if err := sender.ReplaceTrack(track, "fake"); err != nil {
			t.Fatal(err)
		}
	}
	_, second := kept(t, a.Stats, sender.Stop)
	if slices.ContainsFunc(second, func(e map[string]any) bool { return e["type"] == "outbound-rtp" }) {
		t.Error("a sender that was stopped is told of")
	}
	_, second = kept(t, a.Stats, func() { _ = a.Close() })
	if len(second) > 0 {
		t.Error("a closed peer has stats")
	}
}

func TestReportsTellOfDataChannelsAsTheyAreNow(t *testing.T) {
	a, b := newTestPeer(t), newTestServer(t)
	negotiate(t, a, b)
	states := func(report []map[string]any) map[any]any {
		states := make(map[any]any)
		for _, entry := range report {
			if entry["type"] == "data-channel" {
				states[entry["dataChannelIdentifier"]] = entry["state"]
			}
		}

		return states
	}
	var channels []*DataChannel
	first, second := kept(t, a.Stats, func() {
		c, err := a.CreateDataChannel(ChannelOptions{ID: uint16(len(channels))}, &channelEvents{}) //nolint:gosec // a few
		if err != nil {
			t.Fatal(err)
		}
		channels = append(channels, c)
	})
	if len(states(second)) != len(states(first))+1 {
		t.Errorf("after a channel was made there are %v, before %v", states(second), states(first))
	}
	first, second = kept(t, a.Stats, func() { _ = channels[len(channels)-1].Close(); channels = channels[:max(len(channels)-1, 1)] })
	if reflect.DeepEqual(states(first), states(second)) {
		t.Errorf("after a channel was closed there are %v, as before", states(second))
	}
}

func TestASendersReportCostsTheSameAmongThreeHundred(t *testing.T) {
	p := newTestPeer(t)
	sender := add(t, p, newFakeTrack(media.Video))
	cost := func() float64 {
		return testing.AllocsPerRun(20, func() {
			p.changed()
			if len(sender.Stats()) == 0 {
				t.Error("no report")
			}
		})
	}
	if err := sender.Send(parametersOf(media.Video, "0")); err != nil {
		t.Fatal(err)
	}
	alone := cost()
	for range 300 {
		if err := add(t, p, newFakeTrack(media.Audio)).Send(parametersOf(media.Audio, "1")); err != nil {
			t.Fatal(err)
		}
	}
	if among := cost(); among > 1.1*alone {
		t.Errorf("%.0f allocations alone, %.0f among 300 others", alone, among)
	}
}
