package recorder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestAPlaylistWhoseFirstSegmentFailsLeavesNothing(t *testing.T) {
	for name, fails := range map[string]func(segment string) error{
		"the disk is full": func(segment string) error { return os.Symlink("/dev/full", segment) },
		"it can't be made": func(segment string) error { return os.Symlink("none/none", segment) },
	} {
		for _, seconds := range []int{1, 3} {
			t.Run(fmt.Sprint(name, seconds), func(t *testing.T) {
				path, output := createPlaylist(t, "full.m3u8", 2*time.Second)
				segment := filepath.Join(filepath.Dir(path), "full-0.m4s")
				if err := fails(segment); err != nil {
					t.Fatal(err)
				}
				sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
				r := record(t, "hls", output, sound)
				r.feed(sound, tones(t, sound.codec, 50*seconds), punctual)
				r.finish()
				if !errors.Is(r.err, ErrOutput) {
					t.Error(r.err)
				}
				// What the test itself put there may stay.
				_ = os.Remove(segment)
				if left := contents(t, filepath.Dir(path)); len(left) != 0 {
					t.Errorf("left: %q", left)
				}
			})
		}
	}
}

func TestAPlaylistThatCannotBeReplacedLeavesNoPartOfIt(t *testing.T) {
	path, output := createPlaylist(t, "taken.m3u8", time.Second)
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	sound := &fakeTrack{kind: media.Audio, codec: codecNamed(t, codec.MimeOpus)}
	r := record(t, "hls", output, sound)
	r.feed(sound, tones(t, sound.codec, 100), punctual)
	r.finish()
	if !errors.Is(r.err, ErrOutput) {
		t.Error(r.err)
	}
	if _, err := os.Lstat(path + ".part"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a part is left: %v", err)
	}
}
