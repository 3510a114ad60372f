package source_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// watched is what a tap sees and hears of a track from a moment on.
type watched struct {
	mu       sync.Mutex
	pictures []shown
	samples  []int16
	errors   []error
}

func watch(t *testing.T, f *fixture, track media.Track, c media.Codec) *watched {
	t.Helper()
	w := &watched{}
	tap, err := sink.NewTap(track, c, media.EncodingSettings{}, sink.Handlers{
		Error: func(err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.errors = append(w.errors, err)
		},
		Video: func(frame *media.VideoFrame) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pictures = append(w.pictures, look(frame))
		},
		Audio: func(frame *media.AudioFrame) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.samples = append(w.samples, frame.Samples...)
		},
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tap.Close()
		for _, err := range w.errors {
			t.Error(err)
		}
	})
	return w
}

func (w *watched) last() (picture shown, count int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if count = len(w.pictures); count > 0 {
		picture = w.pictures[count-1]
	}
	return picture, count
}

// loud reports whether there is sound in the newest 100 ms, of the given rate and
// channels; known is false before so much has come.
func (w *watched) loud(after, rate int) (loud, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.samples) < after+rate/10 {
		return false, false
	}
	for _, s := range w.samples[len(w.samples)-rate/10:] {
		if s > 100 || s < -100 {
			return true, true
		}
	}
	return false, true
}

func (w *watched) heard() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.samples)
}

func isBlack(s shown) bool {
	for _, c := range s.corners {
		if !c.Near(black, 8) {
			return false
		}
	}
	return true
}

// A disabled track gives black and silence, as in browsers, and others of its
// source go on (Media Capture and Streams, MediaStreamTrack.enabled).
func TestDisabledTracksGiveBlackAndSilence(t *testing.T) {
	path := clip(t, "enabled.mp4", quarters, tone440, x264, aac, []string{"-t", "1"})
	for _, test := range []struct {
		video, audio media.Codec
		rate         int
	}{{vp8, opus, 96000}, {vp9, pcmu, 8000}, {avc, pcma, 8000}} {
		t.Run(test.video.MimeType+" "+test.audio.MimeType, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			spec := source.Spec{Value: path, Loop: true}
			one, other := f.open(t, spec, true, true), f.open(t, spec, true, true)
			video, audio := watch(t, f, one.Video, test.video), watch(t, f, one.Audio, test.audio)
			undisturbedVideo, undisturbedAudio := watch(t, f, other.Video, test.video), watch(t, f, other.Audio, test.audio)
			sees := func(w *watched, black bool) func() bool {
				_, before := w.last()
				return func() bool {
					picture, count := w.last()
					return count > before && isBlack(picture) == black
				}
			}
			hears := func(w *watched, loud bool) func() bool {
				before := w.heard()
				return func() bool {
					isLoud, known := w.loud(before, test.rate)
					return known && isLoud == loud
				}
			}
			eventually(t, patience, "the picture", sees(video, false))
			eventually(t, patience, "the sound", hears(audio, true))
			for range 2 {
				one.Video.SetEnabled(false)
				one.Audio.SetEnabled(false)
				eventually(t, patience, "black", sees(video, true))
				eventually(t, patience, "silence", hears(audio, false))
				picture, _ := video.last()
				if picture.width != 160 || picture.height != 120 {
					t.Errorf("black of %dx%d", picture.width, picture.height)
				}
				// More than one: nothing of the picture shows through between them.
				_, before := video.last()
				eventually(t, patience, "black that goes on", func() bool {
					picture, count := video.last()
					if !isBlack(picture) {
						t.Fatal("a picture of a disabled track")
					}
					return count > before
				})
				eventually(t, patience, "the picture of the other track", sees(undisturbedVideo, false))
				eventually(t, patience, "the sound of the other track", hears(undisturbedAudio, true))
				one.Video.SetEnabled(true)
				one.Audio.SetEnabled(true)
				eventually(t, patience, "the picture again", sees(video, false))
				eventually(t, patience, "the sound again", hears(audio, true))
			}
			undisturbedVideo.mu.Lock()
			defer undisturbedVideo.mu.Unlock()
			for _, picture := range undisturbedVideo.pictures {
				if isBlack(picture) {
					t.Fatal("the other track went black")
				}
			}
		})
	}
}

func TestBlackComesOnceASecondAndOnRequest(t *testing.T) {
	path := clip(t, "enabled.mp4", quarters, tone440, x264, aac, []string{"-t", "1"})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path, Loop: true}, false, true)
		opened.Video.SetEnabled(false)
		video := newCollector()
		feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		video.wait(t, 3, patience)
		for i, frame := range video.snapshot()[:3] {
			if !frame.Keyframe {
				t.Errorf("frame %d is no keyframe", i)
			}
			if i == 0 {
				continue
			}
			if d := frame.PTS - video.snapshot()[i-1].PTS; d < time.Second || d > 1100*time.Millisecond {
				t.Errorf("frame %d comes after %v", i, d)
			}
		}
		n := video.count()
		feed.RequestKeyframe()
		video.wait(t, n+1, patience)
		if d := video.snapshot()[n].PTS - video.snapshot()[n-1].PTS; d >= time.Second {
			t.Errorf("a black picture that was asked for came %v after the one before", d)
		}
		if stats := feed.Stats(); stats.FramesEncoded != 0 {
			t.Errorf("%d pictures were encoded for nobody", stats.FramesEncoded)
		}
		n = video.count()
		opened.Video.SetEnabled(true)
		video.wait(t, n+10, patience)
		frames := video.snapshot()
		// A black one may have been on its way.
		if !frames[n].Keyframe && !frames[n+1].Keyframe {
			t.Error("the picture came back without a keyframe")
		}
		for i := 1; i < len(frames); i++ {
			if frames[i].PTS <= frames[i-1].PTS {
				t.Errorf("frame %d is at %v, the one before at %v", i, frames[i].PTS, frames[i-1].PTS)
			}
		}
	})
}

func TestSilenceComesAtTheUsualRate(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, true, false)
		audio := newCollector()
		attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
		for _, enabled := range []bool{false, true, false} {
			audio.wait(t, audio.count()+15, patience)
			opened.Audio.SetEnabled(enabled)
		}
		audio.wait(t, audio.count()+15, patience)
		frames := audio.snapshot()
		for i := 1; i < len(frames); i++ {
			if d := frames[i].PTS - frames[i-1].PTS; d != 20*time.Millisecond {
				t.Errorf("packet %d comes after %v", i, d)
			}
		}
		silent := frames[len(frames)-1]
		if silent.AudioLevel != 127 || len(silent.Data) > 8 {
			t.Errorf("silence of level %d in %d bytes", silent.AudioLevel, len(silent.Data))
		}
	})
}

func TestBlackIsOfTheSizeThatThePictureHas(t *testing.T) {
	f := newFixture(t)
	sizes := map[string][2]int{"160x120": {160, 120}, "322x182": {322, 182}}
	for name, size := range sizes {
		t.Run(name, func(t *testing.T) {
			path := clip(t, "black-"+name+".mkv", quartersOf(size[0], size[1], 25), x264, []string{"-t", "1"})
			opened := f.open(t, source.Spec{Value: path, Loop: true}, false, true)
			opened.Video.SetEnabled(false)
			video := watch(t, f, opened.Video, avc)
			eventually(t, patience, "black", func() bool {
				picture, count := video.last()
				return count > 0 && isBlack(picture) && picture.width == size[0] && picture.height == size[1]
			})
		})
	}
}
