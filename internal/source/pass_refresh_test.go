package source_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// refreshedClip has recovery points each half second, and one IDR picture at their start.
func refreshedClip(t *testing.T, name string) string {
	return clip(t, name, smallPicture, baseline, []string{"-x264-params", "intra-refresh=1"}, length("12"))
}

// cutClip begins with a recovery point, and has no IDR picture.
func cutClip(t *testing.T, name string) string {
	return clip(t, name, []string{"-ss", "0.9", "-i", refreshedClip(t, "refresh.mkv")},
		[]string{"-c", "copy", "-bsf:v", "h264_mp4toannexb,dump_extra"})
}

// FFmpeg calls recovery points keyframes, in the index of MP4 too.
func TestPicturesThatRecoverInsteadOfBeginningAreTranscodedOrRefused(t *testing.T) {
	for name, path := range map[string]string{
		"mp4":      refreshedClip(t, "refresh.mp4"),
		"mkv":      refreshedClip(t, "refresh.mkv"),
		"ts":       refreshedClip(t, "refresh.ts"),
		"bare":     refreshedClip(t, "refresh.h264"),
		"none, ts": cutClip(t, "refresh-cut.ts"),
		"none":     cutClip(t, "refresh-cut.mp4"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := firstEncoder(t, source.Spec{Value: path, Decode: forced}, avc42e01f); !errors.Is(err, source.ErrNotSupported) ||
				!strings.Contains(err.Error(), "recovery points") {
				t.Errorf("decode: false gives %v", err)
			}
			f := newFixture(t)
			opened := f.open(t, source.Spec{Value: path}, false, true)
			first, late := newCollector(), newCollector()
			attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, first)
			first.wait(t, 40, patience)
			attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, late)
			late.wait(t, 1, patience)
			if frame := late.snapshot()[0]; !frame.Keyframe || !hasIDR(frame.Data) {
				t.Error("who comes late does not begin with an IDR picture")
			}
		})
	}
}

// A group that has an end is kept whole, for whoever comes.
func TestAShortFileOfRecoveryPointsPasses(t *testing.T) {
	path := clip(t, "refresh-short.mp4", smallPicture, baseline, []string{"-x264-params", "intra-refresh=1"}, length("2"))
	for _, decode := range []*bool{nil, forced} {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path, Loop: true, Decode: decode}, false, true)
		first, late := newCollector(), newCollector()
		feed := attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, first)
		first.wait(t, 40, patience)
		if encoder := feed.Stats().Encoder; encoder != passedThrough {
			t.Errorf("encoder %q", encoder)
		}
		attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, late)
		late.wait(t, 1, patience)
		if frame := late.snapshot()[0]; !frame.Keyframe || !hasIDR(frame.Data) {
			t.Error("who comes late does not begin with an IDR picture")
		}
	}
}

// What can't be looked at ahead of its time is found out while it plays.
func TestAStreamThatNobodyCanBeginWithEndsByName(t *testing.T) {
	t.Parallel()
	path := cutClip(t, "refresh-cut.ts")
	f := newFixture(t)
	url := serve(t, serveFile(path)) + "/" + filepath.Base(path)
	opened := f.open(t, source.Spec{Type: "url", Value: url, Decode: forced}, false, true)
	attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, newCollector())
	reason := waitEnd(t, ended(opened.Video), 2*patience)
	if !errors.Is(reason, source.ErrNotSupported) || !strings.Contains(reason.Error(), "recovery points") ||
		!strings.Contains(reason.Error(), "decode: true") {
		t.Errorf("it ended for %v", reason)
	}
}

func TestWhoComesLateBeginsWithACRAPicture(t *testing.T) {
	path := clip(t, "hevc-late.mp4", smallPicture, x265With("keyint=15:min-keyint=15:bframes=0:open-gop=1:scenecut=0", "yuv420p"), length("4"))
	for _, decode := range []*bool{nil, forced} {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Value: path, Decode: decode}, false, true)
		first, late := newCollector(), newCollector()
		attach(t, opened.Video, hevcMain, media.EncodingSettings{}, first)
		first.wait(t, 40, patience)
		attach(t, opened.Video, hevcMain, media.EncodingSettings{}, late)
		late.wait(t, 1, patience)
		if frame := late.snapshot()[0]; !frame.Keyframe || slicesOfH265(hevcUnits(frame.Data))[0][0]>>1 != 21 {
			t.Error("who comes late does not begin with a CRA picture")
		}
	}
}

func hasIDR(data []byte) bool {
	for _, unit := range nalUnits(data) {
		if unit[0]&31 == 5 {
			return true
		}
	}
	return false
}
