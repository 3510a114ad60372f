package source_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// Times go on rising across the end of a file, evenly, and each loop begins with a keyframe.
func TestPassedFilesLoopWithoutAGap(t *testing.T) {
	realtime := []string{"-deadline", "realtime", "-cpu-used", "8", "-g", "300"}
	for name, test := range map[string]struct {
		codec  media.Codec
		parts  [][]string
		frames int
	}{
		"loop-v.webm": {vp8, [][]string{smallPicture, {"-c:v", "libvpx"}, realtime}, 15},
		"loop-9.webm": {vp9, [][]string{smallPicture, {"-c:v", "libvpx-vp9"}, realtime}, 15},
		"loop-v.mp4":  {avc42e01f, [][]string{smallPicture, baseline}, 15},
		"loop-v.ts":   {avc42e01f, [][]string{smallPicture, baseline}, 15},
		"loop-v.mkv":  {hevcMain, [][]string{smallPicture, x265}, 15},
		"loop-a.opus": {opus, [][]string{tone440, libopus}, 25},
		"loop-a.wav":  {pcmu, [][]string{tone440, {"-ar", "8000", "-c:a", "pcm_mulaw"}}, 25},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, name, append(test.parts, length("0.5"))...)
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t)
				video := strings.HasPrefix(test.codec.MimeType, "video/")
				opened := f.open(t, source.Spec{Value: path, Loop: true, Decode: forced}, !video, video)
				track := opened.Audio
				if video {
					track = opened.Video
				}
				first, late := newCollector(), newCollector()
				attach(t, track, test.codec, media.EncodingSettings{}, first)
				first.wait(t, 3*test.frames, patience)
				attach(t, track, test.codec, media.EncodingSettings{}, late)
				late.wait(t, test.frames, patience)
				for name, c := range map[string]*collector{"first": first, "late": late} {
					frames := c.snapshot()
					rising(t, frames)
					if video && !frames[0].Keyframe {
						t.Errorf("%s begins without a keyframe", name)
					}
					for i := 1; i < len(frames); i++ {
						if d := frames[i].PTS - frames[i-1].PTS; name == "first" && d > 70*time.Millisecond {
							t.Errorf("%v after frame %d", d, i-1)
						}
					}
				}
			})
		})
	}
}
