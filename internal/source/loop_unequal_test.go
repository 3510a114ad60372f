package source_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

var (
	realtimeVP8 = []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "25", "-auto-alt-ref", "0"}
	mp3         = []string{"-c:a", "libmp3lame", "-b:a", "96k"}
	aacSound    = []string{"-c:a", "aac"}
)

// late makes what is read next begin later.
func late(seconds string) []string { return []string{"-itsoffset", seconds} }

func TestTracksOfUnequalLengthLoopTogether(t *testing.T) {
	onePicture := []string{"-f", "lavfi", "-i", "color=white:s=64x64:r=25:d=0.04"}
	for name, test := range map[string]struct {
		parts [][]string
		// round is how long one is, to the nearest 100 ms; apart is how much later the
		// sound's mark comes.
		round, apart time.Duration
		rounds       int
		// still pictures have no marks.
		still bool
		// passed are the codecs in which it also goes out as it is.
		passed []media.Codec
	}{
		"sound1-picture2.mp4": {
			parts: [][]string{flash("2"), beep("1"), baseline, aacSound}, round: 2 * time.Second, rounds: 50,
		},
		"sound2-picture1.mkv": {
			parts: [][]string{flash("1"), beep("2"), baseline, libopus}, round: 2 * time.Second, rounds: 50,
			passed: []media.Codec{avc42e01f, opus},
		},
		"sound1-picture2.webm": {
			parts: [][]string{flash("2"), beep("1"), realtimeVP8, libopus}, round: 2 * time.Second, rounds: 50,
			passed: []media.Codec{vp8, opus},
		},
		"sound1-picture5.mp4": {
			parts: [][]string{flash("5"), beep("1"), baseline, aacSound}, round: 5 * time.Second, rounds: 4,
		},
		"sound1-picture2.ogv": {
			parts: [][]string{flash("2"), beep("1"), {"-c:v", "libtheora", "-c:a", "libvorbis"}},
			// Theora leaves out what looks the same.
			round: 1600 * time.Millisecond, rounds: 5,
		},
		"sound2-picture1.flv": {
			parts: [][]string{flash("1"), beep("2"), baseline, aacSound}, round: 2 * time.Second, rounds: 5,
		},
		"sound1-picture2.ts": {
			parts: [][]string{flash("2"), beep("1"), baseline, aacSound}, round: 2 * time.Second, rounds: 5,
		},
		"sound2-picture1.avi": {
			parts: [][]string{flash("1"), beep("2"), {"-c:v", "mpeg4"}, mp3}, round: 2 * time.Second, rounds: 5,
		},
		"sound1-picture2.mpg": {
			parts: [][]string{flash("2"), beep("1"), {"-c:v", "mpeg2video", "-c:a", "mp2"}}, round: 2 * time.Second, rounds: 5,
		},
		"sound1.wav": {parts: [][]string{beep("1")}, round: time.Second, rounds: 5},
		"sound1.mp3": {parts: [][]string{beep("1"), mp3}, round: time.Second, rounds: 5},
		"late-sound.mkv": {
			parts: [][]string{flash("2"), late("1"), beep("0.5"), baseline, libopus}, round: 2 * time.Second,
			rounds: 5, apart: time.Second, passed: []media.Codec{avc42e01f, opus},
		},
		"late-picture.mp4": {
			parts: [][]string{late("1"), flash("0.5"), beep("2"), baseline, aacSound, {"-fps_mode", "passthrough"}}, round: 2 * time.Second,
			rounds: 5, apart: -time.Second,
		},
		"one-picture.mp4": {
			parts: [][]string{onePicture, beep("2"), baseline, aacSound}, round: 2 * time.Second, rounds: 5, still: true,
		},
		"one-packet.mkv": {
			parts: [][]string{flash("1"), beep("0.02"), baseline, libopus}, round: time.Second, rounds: 5,
			passed: []media.Codec{avc42e01f, opus},
		},
		"no-sound.mkv": {
			parts: [][]string{flash("1"), beep("1"), baseline, aacSound, {"-bsf:a", "noise=drop=1"}}, round: time.Second, rounds: 5,
		},
		"no-picture.mkv": {
			parts: [][]string{flash("1"), beep("1"), baseline, libopus, {"-bsf:v", "noise=drop=1"}}, round: time.Second, rounds: 5,
		},
	} {
		path := clip(t, name, test.parts...)
		ways := map[string][]media.Codec{"transcoded": {opus, vp8}}
		if test.passed != nil {
			ways["passed"] = test.passed
		}
		if test.round == time.Second && len(test.parts) <= 2 {
			ways["transcoded"] = []media.Codec{opus}
		}
		for way, codecs := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newFixture(t)
					length := time.Duration(test.rounds)*(test.round+100*time.Millisecond) + test.round/2
					h := playFor(t, f, source.Spec{Value: path, Loop: true, Decode: new(way != "passed")}, length, codecs...)
					h.mu.Lock()
					defer h.mu.Unlock()
					if len(h.ended) > 0 {
						t.Fatalf("ended: %v", h.ended)
					}
					if test.still {
						if len(h.flashes) != 1 {
							t.Errorf("the picture does not stay: %v", h.flashes)
						}
						h.flashes = nil
					}
					h.checkRounds(t, test.rounds, test.round, test.apart)
					h.checkNoHole(t, media.Audio, 60*time.Millisecond)
					if way == "transcoded" && len(codecs) > 1 {
						h.checkNoHole(t, media.Video, 1300*time.Millisecond)
					}
				})
			})
		}
	}
}

func TestATrackWhoseKindHasEndedHasNoClone(t *testing.T) {
	path := clip(t, "picture-ends-first.mp4", testPicture, tone440, h264, []string{
		"-c:a", "aac", "-filter:v", "trim=end=0.4", "-t", "20",
	})
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: path}, true, true)
	attach(t, opened.Audio, opus, media.EncodingSettings{}, newCollector())
	attach(t, opened.Video, vp8, media.EncodingSettings{}, newCollector())
	waitEnd(t, ended(opened.Video), 20*time.Second)
	if _, err := opened.Video.(media.Cloner).Clone("late"); !errors.Is(err, media.ErrTrackEnded) {
		t.Errorf("a clone of what has ended: %v", err)
	}
	clone, err := opened.Audio.(media.Cloner).Clone("sound")
	if err != nil {
		t.Fatal(err)
	}
	defer clone.Stop()
	opened.Audio.Stop()
	if _, err := opened.Audio.(media.Cloner).Clone("stopped"); !errors.Is(err, media.ErrTrackEnded) {
		t.Errorf("a clone of what was stopped: %v", err)
	}
	heard := newCollector()
	attach(t, clone, opus, media.EncodingSettings{}, heard)
	heard.wait(t, 3, 20*time.Second)
}
