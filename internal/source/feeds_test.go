package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func keyframes(frames []*media.EncodedFrame) (times []time.Duration) {
	for _, frame := range frames {
		if frame.Keyframe {
			times = append(times, frame.PTS)
		}
	}
	return times
}

func TestKeyframeRequestsAreMerged(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		for _, c := range []media.Codec{vp8, vp9, avc} {
			video := newCollector()
			feed := attach(t, opened.Video, c, media.EncodingSettings{}, video)
			video.wait(t, 1, patience)
			// A flood of requests for about a second.
			for video.count() < 30 {
				feed.RequestKeyframe()
				time.Sleep(2 * time.Millisecond)
			}
			video.mu.Lock()
			var times []time.Duration
			for i, frame := range video.frames {
				if frame.Keyframe {
					times = append(times, video.times[i].Sub(video.times[0]))
				}
			}
			passed := video.times[len(video.times)-1].Sub(video.times[0])
			video.mu.Unlock()
			if most := int(passed/media.KeyframeInterval) + 2; len(times) < 2 || len(times) > most {
				t.Errorf("%s: keyframes at %v, want at most %d", c.MimeType, times, most)
			}
			feed.Close()
		}
	})
}

func TestAKeyframeFollowsARequestSoon(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		video := newCollector()
		feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		video.wait(t, 20, patience)
		if times := keyframes(video.snapshot()); len(times) != 1 {
			t.Fatalf("keyframes at %v without a request", times)
		}
		begin := time.Now()
		feed.RequestKeyframe()
		eventually(t, patience, "a keyframe", func() bool { return len(keyframes(video.snapshot())) == 2 })
		if took := time.Since(begin); took > 40*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

func TestANewFeedBeginsWithAKeyframe(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		first := newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, first)
		first.wait(t, 20, patience)
		second := newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, second)
		second.wait(t, 5, patience)
		if !second.snapshot()[0].Keyframe {
			t.Error("began within a group of pictures")
		}
	})
}

func TestBitrateFollowsTheLowestTarget(t *testing.T) {
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: longClip(t)}, true, true)
	video := newCollector()
	feed := attach(t, opened.Video, vp8, media.EncodingSettings{MaxBitrate: 900_000}, video)
	other := attach(t, opened.Video, vp8, media.EncodingSettings{MaxBitrate: 900_000}, newCollector())
	sound := attach(t, opened.Audio, opus, media.EncodingSettings{}, newCollector())
	expect := func(feed media.Feed, want int) {
		t.Helper()
		eventually(t, patience, "the bitrate", func() bool { return feed.Stats().TargetBitrate == want })
	}
	expect(feed, 900_000)
	feed.SetTargetBitrate(300_000)
	other.SetTargetBitrate(500_000)
	expect(feed, 300_000)
	feed.Close()
	expect(other, 500_000)
	other.SetTargetBitrate(1)
	expect(other, 50_000)
	other.SetTargetBitrate(5_000_000)
	expect(other, 900_000)
	sound.SetTargetBitrate(20_000)
	expect(sound, 20_000)
	sound.SetTargetBitrate(0)
	expect(sound, 12_000)
}

func TestMaxFramerateLeavesFramesOut(t *testing.T) {
	path := longClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		video := newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{MaxFramerate: 10, MaxBitrate: 3_000_000}, video)
		video.wait(t, 15, patience)
		frames := video.snapshot()
		span := frames[14].PTS - frames[0].PTS
		if span < 1350*time.Millisecond || span > 1450*time.Millisecond {
			t.Errorf("14 intervals take %v", span)
		}
	})
}

func TestASlowSinkLosesPicturesAndNoSound(t *testing.T) {
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: longClip(t)}, true, true)
	slow := &slowSink{delay: 150 * time.Millisecond}
	audio := newCollector()
	feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, slow)
	attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
	audio.wait(t, 100, patience)
	frames := audio.snapshot()
	for i := 1; i < len(frames); i++ {
		if frames[i].PTS-frames[i-1].PTS != 20*time.Millisecond {
			t.Fatal("sound was left out")
		}
	}
	stats := feed.Stats()
	if stats.FramesDropped < 20 {
		t.Errorf("%d pictures dropped", stats.FramesDropped)
	}
	// What arrives is recent: nothing queues up.
	if behind := frames[len(frames)-1].PTS - time.Duration(slow.last.Load()); behind > time.Second {
		t.Errorf("pictures are %v behind", behind)
	}
}

type slowSink struct {
	delay time.Duration
	last  atomic.Int64
}

func (s *slowSink) WriteFrame(frame *media.EncodedFrame) {
	s.last.Store(int64(frame.PTS))
	time.Sleep(s.delay)
}

func TestUnknownCodecsAreUnavailable(t *testing.T) {
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: shortClip(t)}, true, true)
	for _, c := range []media.Codec{{MimeType: "video/H265"}, opus, {}} {
		if _, err := opened.Video.Attach(c, media.EncodingSettings{}, newCollector()); !errors.Is(err, media.ErrCodecUnavailable) {
			t.Errorf("%q: %v", c.MimeType, err)
		}
	}
	if _, err := opened.Audio.Attach(vp8, media.EncodingSettings{}, newCollector()); !errors.Is(err, media.ErrCodecUnavailable) {
		t.Error(err)
	}
}

func TestADamagedMiddleIsSkipped(t *testing.T) {
	whole := read(t, clip(t, "damage.ts", testPicture, tone440, h264, []string{"-c:a", "aac", "-t", "2"}))
	noise := random(len(whole) / 10)
	copy(whole[len(whole)/2:], noise)
	path := filepath.Join(t.TempDir(), "damaged.ts")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, true, true)
		video := newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		reasons := ended(opened.Video)
		if err := waitEnd(t, reasons, patience); err != nil {
			t.Error(err)
		}
		frames := video.snapshot()
		if last := frames[len(frames)-1].PTS; last < 1900*time.Millisecond {
			t.Errorf("the last picture is at %v", last)
		}
	})
}

func TestAStreamThatCannotBeDecodedEndsWithTheReason(t *testing.T) {
	whole := read(t, clip(t, "noise.mp4", testPicture, h264, []string{"-t", "1", "-movflags", "+faststart"}))
	// The index stays whole, the pictures become noise.
	copy(whole[len(whole)/4:], random(len(whole)))
	for i := range whole {
		if i+4 <= len(whole) && string(whole[i:i+4]) == "mdat" {
			copy(whole[i+4:], random(len(whole)))
			break
		}
	}
	path := filepath.Join(t.TempDir(), "noise.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, loop := range []bool{false, true} {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path, Loop: loop}, false, true)
		reasons := ended(opened.Video)
		// What can't begin may have ended already.
		if _, err := opened.Video.Attach(vp8, media.EncodingSettings{}, newCollector()); err != nil && !errors.Is(err, media.ErrTrackEnded) {
			t.Error(err)
		}
		if err := waitEnd(t, reasons, patience); !errors.Is(err, source.ErrBroken) {
			t.Errorf("loop %v: ended with %v", loop, err)
		}
	}
}
