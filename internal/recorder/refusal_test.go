package recorder

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// endedTrack can't be attached to.
type endedTrack struct{ *fakeTrack }

func (endedTrack) Attach(media.Codec, media.EncodingSettings, media.Sink) (media.Feed, error) {
	return nil, media.ErrTrackEnded
}

// contents are those of all files of a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, entry := range entries {
		if entry.IsDir() {
			all[entry.Name()] = "a folder"

			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[entry.Name()] = string(text)
	}

	return all
}

// before writes the files of an older recording.
func before(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range []string{"a.m3u8", "a-init.mp4", "a-0.m4s", "a.webm"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("the old "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return folder
}

func TestARefusedRecordingLeavesTheOneBeforeAsItWas(t *testing.T) {
	track := func(mimeType string) *fakeTrack {
		c := codecNamed(t, mimeType)
		kind := media.Video
		if c.Channels > 0 || c.ClockRate == 8000 {
			kind = media.Audio
		}

		return &fakeTrack{kind: kind, codec: c}
	}
	opus, vp8, vp9 := track(codec.MimeOpus), track(codec.MimeVP8), track(codec.MimeVP9)
	for _, test := range []struct {
		why     string
		options Options
		want    error
	}{
		{"no such container", Options{Container: "avi", Tracks: []media.Track{opus}}, ErrContainer},
		{"a codec that hls does not hold", Options{Container: "hls", Tracks: []media.Track{opus, vp8}}, ErrContainer},
		{"a codec that webm does not hold", Options{Container: "webm", Tracks: []media.Track{vp9, track(codec.MimePCMU)}}, ErrContainer},
		{"a bitrate of hls", Options{Container: "hls", Tracks: []media.Track{vp9}, VideoBitrate: 1}, ErrContainer},
		{"a bitrate of webm", Options{Container: "webm", Tracks: []media.Track{opus}, AudioBitrate: 1}, ErrContainer},
		{"two tracks of ogg", Options{Container: "ogg", Tracks: []media.Track{opus, opus}}, ErrContainer},
		{"a track of hls that ends now", Options{Container: "hls", Tracks: []media.Track{opus, endedTrack{vp9}}}, media.ErrTrackEnded},
		{"a file whose folder is not there", Options{Container: "matroska", Tracks: []media.Track{opus, vp8}}, ErrNotFound},
		{"a track of webm that ends now", Options{Container: "webm", Tracks: []media.Track{opus, endedTrack{vp9}}}, media.ErrTrackEnded},
	} {
		t.Run(test.why, func(t *testing.T) {
			folder := before(t)
			old := contents(t, folder)
			test.options.Open = func(segments bool) (Output, error) {
				switch {
				case segments:
					return CreatePlaylist(filepath.Join(folder, "a.m3u8"), time.Second)
				case test.options.Container == "matroska":
					return Create(filepath.Join(folder, "none", "a.mkv"))
				default:
					return Create(filepath.Join(folder, "a.webm"))
				}
			}
			if _, err := Start(test.options); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			if now := contents(t, folder); !maps.Equal(old, now) {
				t.Errorf("it was %q, and is %q", old, now)
			}
			if opus.open != 0 || vp8.open != 0 || vp9.open != 0 {
				t.Error("a track is still fed from")
			}
		})
	}
}

func TestAPlaylistThatCannotBeMadeLeavesTheOneBefore(t *testing.T) {
	folder := before(t)
	head := filepath.Join(folder, "a-init.mp4")
	if err := os.Remove(head); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(head, 0o700); err != nil {
		t.Fatal(err)
	}
	old := contents(t, folder)
	if _, err := CreatePlaylist(filepath.Join(folder, "a.m3u8"), time.Second); !errors.Is(err, ErrOutput) {
		t.Error(err)
	}
	if now := contents(t, folder); !maps.Equal(old, now) {
		t.Errorf("it was %q, and is %q", old, now)
	}
}
