package source_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func TestFirstFramesComeFast(t *testing.T) {
	path := shortClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		begin := time.Now()
		opened := f.open(t, source.Spec{Value: path}, true, true)
		openTime := time.Since(begin)
		video, audio := newCollector(), newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		attach(t, opened.Audio, opus, media.EncodingSettings{Stereo: true}, audio)
		video.wait(t, 1, patience)
		videoTime := time.Since(begin)
		audio.wait(t, 1, patience)
		t.Logf("open %v, first picture %v, first sound %v", openTime, videoTime, time.Since(begin))
		if videoTime > 300*time.Millisecond {
			t.Errorf("the first picture took %v", videoTime)
		}
		if first := video.snapshot()[0]; !first.Keyframe || first.PTS != 0 {
			t.Errorf("the first frame has PTS %v, keyframe %v", first.PTS, first.Keyframe)
		}
	})
}

func TestPictureAndSoundAreRight(t *testing.T) {
	path := clip(t, "red.mp4", redPicture, tone440, h264, []string{"-c:a", "aac", "-t", "2"})
	f := newFixture(t)
	for _, test := range []struct {
		video, audio media.Codec
	}{{vp8, opus}, {vp9, pcmu}, {avc, opus}} {
		t.Run(test.video.MimeType+" "+test.audio.MimeType, func(t *testing.T) {
			opened := f.open(t, source.Spec{Value: path}, true, true)
			var mu sync.Mutex
			var samples []int16
			pictures, rate, channels := 0, 0, 0
			videoTap, err := sink.NewTap(opened.Video, test.video, media.EncodingSettings{}, sink.Handlers{
				Error: func(err error) { t.Error(err) },
				Video: func(frame *media.VideoFrame) {
					mu.Lock()
					defer mu.Unlock()
					pictures++
					if frame.Width != 320 || frame.Height != 240 {
						t.Errorf("size %dx%d", frame.Width, frame.Height)
					}
					if c := codectest.At(frame, 160, 120); !c.Near(red, 6) {
						t.Errorf("colour %v, want %v", c, red)
					}
				},
			}, f.start)
			if err != nil {
				t.Fatal(err)
			}
			defer videoTap.Close()
			audioTap, err := sink.NewTap(opened.Audio, test.audio, media.EncodingSettings{}, sink.Handlers{
				Error: func(err error) { t.Error(err) },
				Audio: func(frame *media.AudioFrame) {
					mu.Lock()
					defer mu.Unlock()
					samples = append(samples, frame.Samples...)
					rate, channels = frame.SampleRate, frame.Channels
				},
			}, f.start)
			if err != nil {
				t.Fatal(err)
			}
			defer audioTap.Close()
			reasons := []<-chan error{ended(opened.Audio), ended(opened.Video)}
			for _, r := range reasons {
				if err := waitEnd(t, r, patience); err != nil {
					t.Errorf("ended with %v", err)
				}
			}
			drainTap(t, videoTap)
			drainTap(t, audioTap)
			mu.Lock()
			defer mu.Unlock()
			if n := pictures + int(videoTap.Feed().Stats().FramesDropped); n != 60 {
				t.Errorf("%d pictures of 2 s: %+v", n, videoTap.Feed().Stats())
			}
			seconds := float64(len(samples)) / float64(max(rate*channels, 1))
			if seconds < 1.9 || seconds > 2.1 {
				t.Errorf("%.2f s of sound", seconds)
			}
			middle := samples[len(samples)/4/2*2 : len(samples)/2/2*2]
			if share := codectest.ToneShare(middle, rate, channels, 440); share < 0.95 {
				t.Errorf("%.2f of the energy at 440 Hz", share)
			}
		})
	}
}

// drainTap waits until all that came has been decoded.
func drainTap(t *testing.T, tap *sink.Tap) {
	t.Helper()
	eventually(t, patience, "the tap has decoded all", func() bool {
		stats := tap.Stats()
		return stats.Decoded+stats.Dropped+stats.Failed == stats.Received
	})
}

func TestSoundAndPictureKeepRealTimeOnOneClock(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, true, true)
		video, audio := newCollector(), newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
		video.wait(t, 60, patience)
		for name, c := range map[string]*collector{"video": video, "audio": audio} {
			c.mu.Lock()
			last := len(c.frames) - 1
			passed := c.times[last].Sub(c.times[0])
			media := c.frames[last].PTS - c.frames[0].PTS
			if diff := passed - media; diff < -60*time.Millisecond || diff > 60*time.Millisecond {
				t.Errorf("%s: %v of media in %v", name, media, passed)
			}
			for i := 1; i < len(c.frames); i++ {
				if c.frames[i].PTS <= c.frames[i-1].PTS {
					t.Errorf("%s: PTS %v after %v", name, c.frames[i].PTS, c.frames[i-1].PTS)
				}
			}
			c.mu.Unlock()
		}
		video.mu.Lock()
		audio.mu.Lock()
		defer video.mu.Unlock()
		defer audio.mu.Unlock()
		skew := video.times[30].Add(-video.frames[30].PTS).Sub(audio.times[30].Add(-audio.frames[30].PTS))
		if skew < -40*time.Millisecond || skew > 40*time.Millisecond {
			t.Errorf("picture comes %v after sound", skew)
		}
	})
}

func TestAudioPacketsHaveNoGaps(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		for _, c := range []media.Codec{opus, pcmu} {
			opened := f.open(t, source.Spec{Value: path}, true, false)
			audio := newCollector()
			attach(t, opened.Audio, c, media.EncodingSettings{}, audio)
			audio.wait(t, 50, patience)
			for i, frame := range audio.snapshot() {
				if want := time.Duration(i) * 20 * time.Millisecond; frame.PTS != want {
					t.Fatalf("%s: packet %d at %v", c.MimeType, i, frame.PTS)
				}
			}
			opened.Audio.Stop()
		}
	})
}

func TestTheOtherKindJoinsAtTheCurrentPosition(t *testing.T) {
	path := longClip(t)
	for _, late := range []media.Kind{media.Video, media.Audio} {
		t.Run(late.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				opened := f.open(t, source.Spec{Value: path}, true, true)
				defer opened.Audio.Stop()
				defer opened.Video.Stop()
				first, second := newCollector(), newCollector()
				track, codec, other, otherCodec := opened.Audio, opus, opened.Video, vp8
				if late == media.Audio {
					track, codec, other, otherCodec = other, otherCodec, track, codec
				}
				feed := attach(t, track, codec, media.EncodingSettings{}, first)
				// Beyond the time for which an unread kind is kept ready, within a GOP.
				eventually(t, patience, "1.2 s of the first kind", func() bool {
					frames := first.snapshot()
					return len(frames) > 0 && frames[len(frames)-1].PTS > 1200*time.Millisecond
				})
				position := first.snapshot()[first.count()-1].PTS
				begin := time.Now()
				attach(t, other, otherCodec, media.EncodingSettings{}, second)
				second.wait(t, 10, patience)
				took := time.Since(begin)
				frames := second.snapshot()
				if d := frames[0].PTS - position; d < -120*time.Millisecond || d > 200*time.Millisecond {
					t.Errorf("joined at %v, position was %v", frames[0].PTS, position)
				}
				t.Logf("joined at %v, position was %v; 10 frames after %v", frames[0].PTS, position, took)
				if !frames[0].Keyframe {
					t.Error("did not begin with a keyframe")
				}
				// The first kind went on undisturbed.
				all := first.snapshot()
				for i := 1; i < len(all); i++ {
					if d := all[i].PTS - all[i-1].PTS; d <= 0 || d > 70*time.Millisecond && feed.Stats().FramesDropped == 0 {
						t.Errorf("a gap of %v at %v", d, all[i].PTS)
					}
				}
			})
		})
	}
}

func TestNothingPlaysWhileNobodyReads(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		first := newCollector()
		feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, first)
		first.wait(t, 15, patience)
		feed.Close()
		feed.Close()
		n := first.count()
		last := first.snapshot()[n-1].PTS
		time.Sleep(400 * time.Millisecond)
		if first.count() != n {
			t.Error("frames after Close")
		}
		second := newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, second)
		second.wait(t, 1, patience)
		frame := second.snapshot()[0]
		if d := frame.PTS - last; d < 0 || d > 250*time.Millisecond || !frame.Keyframe {
			t.Errorf("went on at %v after %v, keyframe %v", frame.PTS, last, frame.Keyframe)
		}
	})
}

func TestLoopIsSeamless(t *testing.T) {
	path := clip(t, "loop.mp4", redPicture, tone440, h264, []string{"-c:a", "aac", "-t", "0.5"})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path, Loop: true}, true, true)
		video, audio := newCollector(), newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
		video.wait(t, 75, patience)
		audio.wait(t, 120, patience)
		for name, c := range map[string]*collector{"video": video, "audio": audio} {
			frames := c.snapshot()
			for i := 1; i < len(frames); i++ {
				d := frames[i].PTS - frames[i-1].PTS
				if name == "audio" && d != 20*time.Millisecond || d <= 0 || d > 80*time.Millisecond {
					t.Errorf("%s: %v from frame %d to the next", name, d, i-1)
				}
			}
			c.mu.Lock()
			passed := c.times[len(frames)-1].Sub(c.times[0])
			c.mu.Unlock()
			if d := passed - (frames[len(frames)-1].PTS - frames[0].PTS); d < -80*time.Millisecond || d > 80*time.Millisecond {
				t.Errorf("%s is off by %v", name, d)
			}
		}
	})
}

func TestEndOfFileEndsTheTracks(t *testing.T) {
	path := clip(t, "end.mp4", redPicture, tone440, h264, []string{"-c:a", "aac", "-t", "0.5"})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, true, true)
		audioEnd, videoEnd := ended(opened.Audio), ended(opened.Video)
		video := newCollector()
		begin := time.Now()
		feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		if err := waitEnd(t, videoEnd, patience); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < 450*time.Millisecond || took > 900*time.Millisecond {
			t.Errorf("0.5 s took %v", took)
		}
		if n := video.count() + int(feed.Stats().FramesDropped); n != 15 {
			t.Errorf("%d pictures of 15: %+v", n, feed.Stats())
		}
		if err := waitEnd(t, audioEnd, patience); err != nil {
			t.Error(err)
		}
		if _, err := opened.Video.Attach(vp8, media.EncodingSettings{}, video); !errors.Is(err, media.ErrTrackEnded) {
			t.Errorf("attach after the end: %v", err)
		}
		late := ended(opened.Video)
		if err := waitEnd(t, late, patience); err != nil {
			t.Error(err)
		}
		if states := f.registry.State(); len(states) != 0 {
			t.Errorf("still open: %v", states)
		}
	})
}
