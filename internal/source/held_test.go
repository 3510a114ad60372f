package source_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// held holds a track, which has a beginning.
func held(t *testing.T, track media.Track) (release func()) {
	t.Helper()
	release = track.(media.Holder).Hold()
	if release == nil {
		t.Fatal("it has no beginning")
	}
	return release
}

func TestWhatIsHeldBeginsWithItsBeginning(t *testing.T) {
	for name, spec := range map[string]source.Spec{
		"decoded": {Value: clip(t, "held.wav", tone440, length("0.5"))},
		"passed":  {Value: clip(t, "held.opus", tone440, libopus, length("0.5")), Decode: forced},
		"looped":  {Value: clip(t, "held-loop.wav", tone440, length("0.5")), Loop: true},
		"graph":   {Type: "device", Format: "lavfi", Value: "sine=duration=0.5"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				track := f.open(t, spec, true, false).Audio
				release := held(t, track)
				c := newCollector()
				attach(t, track, opus, media.EncodingSettings{}, c)
				sleep(t.Context(), time.Minute)
				if n := c.count(); n > 0 {
					t.Fatalf("%d frames while it was held", n)
				}
				released := time.Now()
				release()
				release()
				c.wait(t, 24, patience)
				if took := time.Since(released); took > 600*time.Millisecond {
					t.Errorf("half a second took %v", took)
				}
				if first := c.snapshot()[0]; first.PTS > 20*time.Millisecond {
					t.Errorf("it begins at %v", first.PTS)
				}
			})
		})
	}
}

func TestTracksThatAreHeldBeginTogether(t *testing.T) {
	path := clip(t, "held.webm", redPicture, tone440, []string{"-c:v", "libvpx", "-deadline", "realtime"}, libopus, length("1"))
	for name, leave := range map[string]func(track media.Track, release func()){
		"released": func(_ media.Track, release func()) { release() },
		"stopped":  func(track media.Track, _ func()) { track.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				opened := f.open(t, source.Spec{Value: path}, true, true)
				releaseAudio, releaseVideo := held(t, opened.Audio), held(t, opened.Video)
				audio, video := newCollector(), newCollector()
				attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
				attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
				releaseAudio()
				sleep(t.Context(), time.Second)
				if n := audio.count() + video.count(); n > 0 {
					t.Fatalf("%d frames while one is held", n)
				}
				leave(opened.Video, releaseVideo)
				audio.wait(t, 45, patience)
				if name == "released" {
					video.wait(t, 20, patience)
				}
			})
		})
	}
}

func TestWhatPlaysIsNotHeldUntilNobodyReadsIt(t *testing.T) {
	path := clip(t, "held-long.wav", tone440, length("5"))
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		first := f.open(t, source.Spec{Value: path}, true, false).Audio
		second := f.open(t, source.Spec{Value: path}, true, false).Audio
		c := newCollector()
		feed := attach(t, first, opus, media.EncodingSettings{}, c)
		c.wait(t, 10, patience)
		release := held(t, second)
		c.wait(t, 50, patience)
		feed.Close()
		sleep(t.Context(), time.Second)
		// Now it stands still, and waits for the second.
		late := newCollector()
		attach(t, second, opus, media.EncodingSettings{}, late)
		sleep(t.Context(), time.Second)
		if n := late.count(); n > 0 {
			t.Fatalf("%d frames while it was held", n)
		}
		release()
		late.wait(t, 10, patience)
		if begun := late.snapshot()[0].PTS; begun < time.Second || begun > 1500*time.Millisecond {
			t.Errorf("it goes on at %v", begun)
		}
	})
}
