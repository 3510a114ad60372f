package source_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// sparseClip has a keyframe every 3 s, in 6 s.
func sparseClip(t testing.TB) string {
	return clip(t, "sparse.mp4", smallPicture, baseline, []string{"-g", "90", "-sc_threshold", "0"}, length("6"))
}

// follows waits until the collector is up to date with another.
func follows(t *testing.T, late, other *collector) {
	t.Helper()
	eventually(t, patience, "the feed has caught up", func() bool {
		a, b := late.snapshot(), other.snapshot()
		return len(a) > 0 && bytes.Equal(a[len(a)-1].Data, b[len(b)-1].Data)
	})
}

// rising checks that times never go back.
func rising(t *testing.T, frames []*media.EncodedFrame) {
	t.Helper()
	for i := 1; i < len(frames); i++ {
		if frames[i].PTS <= frames[i-1].PTS {
			t.Errorf("frame %d at %v after %v", i, frames[i].PTS, frames[i-1].PTS)
		}
	}
}

func TestALateFeedBeginsWithTheLastKeyframeAtOnce(t *testing.T) {
	path := sparseClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		first, late := newCollector(), newCollector()
		attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, first)
		// Deep in a group: the next keyframe is more than a second away.
		first.wait(t, 45, patience)
		before := first.count()
		attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, late)
		late.wait(t, 1, patience)
		if passed := first.count() - before; passed > 15 {
			t.Errorf("the picture came %d frames later", passed)
		}
		follows(t, late, first)
		all, got := first.snapshot(), late.snapshot()
		if !got[0].Keyframe || !bytes.Equal(got[0].Data, all[0].Data) {
			t.Error("does not begin with the keyframe")
		}
		// Nothing is left out, and nothing sent twice.
		for i, frame := range got {
			if i < len(all) && !bytes.Equal(frame.Data, all[i].Data) {
				t.Fatalf("frame %d is another", i)
			}
		}
		rising(t, got)
		if begin := all[before-1].PTS; got[0].PTS < begin-100*time.Millisecond {
			t.Errorf("what is sent at %v says that it is of %v", begin, got[0].PTS)
		}
		// Several times faster than it plays, and no burst.
		late.mu.Lock()
		took := late.times[40].Sub(late.times[0])
		late.mu.Unlock()
		if took < 40*time.Second/30/8/2 {
			t.Errorf("40 frames were sent within %v", took)
		}
		rising(t, first.snapshot())
	})
}

func TestAKeyframeRequestIsAnsweredFromTheLastKeyframe(t *testing.T) {
	path := sparseClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		asking, other := newCollector(), newCollector()
		feed := attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, asking)
		attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, other)
		asking.wait(t, 30, patience)
		feed.RequestKeyframe()
		eventually(t, patience, "a keyframe", func() bool { return len(keyframes(asking.snapshot())) == 2 })
		// Who asks while the feed catches up is answered after that.
		feed.RequestKeyframe()
		eventually(t, patience, "another keyframe", func() bool { return len(keyframes(asking.snapshot())) == 3 })
		got, all := asking.snapshot(), other.snapshot()
		if n := len(keyframes(all)); n != 1 && len(all) < 90 {
			t.Errorf("the other feed got %d keyframes", n)
		}
		rising(t, got)
		rising(t, all)
		// From the keyframe on nothing is missing.
		var at []int
		for i, frame := range got {
			if frame.Keyframe {
				at = append(at, i)
			}
		}
		if at[2]-at[1] < 30 {
			t.Errorf("keyframes are the frames %v", at)
		}
		for i, frame := range got[at[1]:at[2]] {
			if !bytes.Equal(frame.Data, all[i].Data) {
				t.Fatalf("frame %d after the keyframe is another", i)
			}
		}
		if stats := feed.Stats(); stats.KeyframesEncoded < 2 || int(stats.FramesEncoded) < len(got) {
			t.Errorf("%+v", stats)
		}
	})
}

func TestRequestsOfAPassedStreamAreMerged(t *testing.T) {
	path := sparseClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		video := newCollector()
		feed := attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, video)
		video.wait(t, 1, patience)
		begin := time.Now()
		for time.Since(begin) < 1200*time.Millisecond {
			feed.RequestKeyframe()
			time.Sleep(2 * time.Millisecond)
		}
		passed := time.Since(begin)
		if n, most := len(keyframes(video.snapshot())), int(passed/media.KeyframeInterval)+2; n < 2 || n > most {
			t.Errorf("%d keyframes in %v", n, passed)
		}
	})
}

func TestADisabledPassedTrackBeginsAnewWithAKeyframe(t *testing.T) {
	path := sparseClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		other := f.open(t, source.Spec{Value: path}, false, true)
		video, undisturbed := newCollector(), newCollector()
		attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, video)
		attach(t, other.Video, avc42e01f, media.EncodingSettings{}, undisturbed)
		video.wait(t, 5, patience)
		opened.Video.SetEnabled(false)
		// Black, which no frame of the file is.
		eventually(t, patience, "a black picture", func() bool {
			frames := video.snapshot()
			last := frames[len(frames)-1]
			return len(frames) > 5 && last.Keyframe && len(last.Data) < 1000
		})
		n := video.count()
		opened.Video.SetEnabled(true)
		eventually(t, patience, "frames of the enabled track", func() bool { return video.count() > n+1 })
		follows(t, video, undisturbed)
		frames := video.snapshot()
		if !frames[n].Keyframe {
			t.Error("went on within a group of pictures")
		}
		rising(t, frames)
	})
}

// Two codecs of one file: one reader, which decodes for one of them only.
func TestAStreamIsPassedAndDecodedAtOnce(t *testing.T) {
	path := sparseClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path}, false, true)
		passed, encoded := newCollector(), newCollector()
		one := attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, passed)
		passed.wait(t, 30, patience)
		two := attach(t, opened.Video, vp8, media.EncodingSettings{}, encoded)
		encoded.wait(t, 20, patience)
		if one.Stats().Encoder != passedThrough || two.Stats().Encoder != "libvpx" {
			t.Errorf("%q and %q", one.Stats().Encoder, two.Stats().Encoder)
		}
		frames := passed.snapshot()
		rising(t, frames)
		for i := 1; i < len(frames); i++ {
			if d := frames[i].PTS - frames[i-1].PTS; d > 50*time.Millisecond {
				t.Errorf("a gap of %v at %v", d, frames[i].PTS)
			}
		}
		if begin := encoded.snapshot()[0].PTS; begin < 800*time.Millisecond {
			t.Errorf("the other began at %v", begin)
		}
		if got := openFiles(t, path); got != 1 {
			t.Errorf("open %d times", got)
		}
		// The first goes, and comes again where the second is.
		one.Close()
		again := newCollector()
		attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, again)
		again.wait(t, 5, patience)
		if !again.snapshot()[0].Keyframe {
			t.Error("began within a group of pictures")
		}
	})
}

func TestFiftyFeedsReadAFileOnce(t *testing.T) {
	path := sparseClip(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		var all []*collector
		var opened *source.Opened
		for range 50 {
			opened = f.open(t, source.Spec{Value: path}, false, true)
			video := newCollector()
			attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, video)
			all = append(all, video)
		}
		for _, video := range all {
			video.wait(t, 20, patience)
		}
		if got := openFiles(t, path); got != 1 {
			t.Errorf("open %d times", got)
		}
		if states := f.registry.State(); len(states) != 1 || len(states[0].Tracks) != 50 {
			t.Errorf("%d sources", len(states))
		}
	})
}

func TestChangedParameterSetsGoBeforeTheNextKeyframe(t *testing.T) {
	// Two streams of different sizes, one after the other.
	one := clip(t, "half-1.ts", smallPicture, baseline, length("0.5"))
	other := clip(t, "half-2.ts", []string{"-f", "lavfi", "-i", "testsrc2=s=160x120:r=30"}, baseline, length("0.5"))
	path := filepath.Join(t.TempDir(), "changes.ts")
	var whole []byte
	for _, part := range []string{one, other} {
		whole = append(whole, read(t, part)...)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	frames := passThrough(t, source.Spec{Value: path, Decode: forced}, avc42e01f)
	var sets [][]byte
	for _, frame := range frames {
		if frame.Keyframe {
			sets = append(sets, nalUnits(frame.Data)[0])
		}
	}
	if first, last := sets[0], sets[len(sets)-1]; first[0]&31 != 7 || last[0]&31 != 7 || bytes.Equal(first, last) {
		t.Errorf("the parameter sets do not change: % x", sets)
	}
	rising(t, frames)
}
