package peer

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// heldTrack has a beginning, and counts how often it is held.
type heldTrack struct {
	*fakeTrack
	holds int
}

func (t *heldTrack) Hold() func() {
	t.holds++

	return func() { t.holds-- }
}

func newHeldTrack() *heldTrack { return &heldTrack{fakeTrack: newFakeTrack(media.Audio)} }

func heldSender(t *testing.T, p *Peer, track media.Track) *Sender {
	t.Helper()
	s, err := p.AddSender(SenderOptions{Kind: media.Audio, Track: track, Held: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.Held() {
		t.Error("it is held before Send")
	}
	if err = s.Send(parametersOf(media.Audio, "0")); err != nil {
		t.Fatal(err)
	}

	return s
}

func TestASenderHoldsItsTrackUntilItBegins(t *testing.T) {
	for name, end := range map[string]func(p *Peer, s *Sender){
		"begun":       func(_ *Peer, s *Sender) { s.Begin() },
		"begun twice": func(_ *Peer, s *Sender) { s.Begin(); s.Begin() },
		"stopped":     func(_ *Peer, s *Sender) { s.Stop() },
		"closed":      func(p *Peer, _ *Sender) { _ = p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			p, track := newTestPeer(t), newHeldTrack()
			s := heldSender(t, p, track)
			if !s.Held() || track.holds != 1 {
				t.Fatalf("held %v, %d times", s.Held(), track.holds)
			}
			end(p, s)
			if s.Held() || track.holds != 0 {
				t.Errorf("held %v, %d times", s.Held(), track.holds)
			}
		})
	}
}

func TestReplacingATrackThatIsHeldHoldsTheOther(t *testing.T) {
	first, second := newHeldTrack(), newHeldTrack()
	s := heldSender(t, newTestPeer(t), first)
	for _, c := range []struct {
		track         media.Track
		first, second int
	}{{second, 0, 1}, {nil, 0, 0}, {newFakeTrack(media.Audio), 0, 0}, {first, 1, 0}} {
		if err := s.ReplaceTrack(c.track, ""); err != nil {
			t.Fatal(err)
		}
		if first.holds != c.first || second.holds != c.second {
			t.Errorf("held %d and %d times, expected %d and %d", first.holds, second.holds, c.first, c.second)
		}
	}
	s.Begin()
	if err := s.ReplaceTrack(second, ""); err != nil {
		t.Fatal(err)
	}
	if first.holds != 0 || second.holds != 0 {
		t.Errorf("held %d and %d times once it began", first.holds, second.holds)
	}
}

func TestALiveTrackIsNotHeld(t *testing.T) {
	if s := heldSender(t, newTestPeer(t), newFakeTrack(media.Audio)); s.Held() {
		t.Error("it is held")
	}
}

// liveTrack has no beginning that it could be held at.
type liveTrack struct{ *fakeTrack }

func (liveTrack) Hold() func() { return nil }

func TestWhatReplacesATrackWithoutABeginningIsNotHeld(t *testing.T) {
	for name, track := range map[string]media.Track{
		"none": nil, "another kind": newFakeTrack(media.Audio), "live": liveTrack{newFakeTrack(media.Audio)},
	} {
		t.Run(name, func(t *testing.T) {
			s := heldSender(t, newTestPeer(t), track)
			if s.Held() {
				t.Error("it waits for Begin, which nobody who hears that it does not will call")
			}
			next := newHeldTrack()
			if err := s.ReplaceTrack(next, ""); err != nil {
				t.Fatal(err)
			}
			if s.Held() || next.holds != 0 {
				t.Errorf("held %v, %d times", s.Held(), next.holds)
			}
		})
	}
}
