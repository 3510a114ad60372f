package source_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// variants makes a playlist of several, each with a tone and a size of its own, in this order.
func variants(t *testing.T, sizes ...string) string {
	t.Helper()
	folder := t.TempDir()
	master := "#EXTM3U\n"
	for i, size := range sizes {
		inner := made(t, []string{"-f", "lavfi", "-i", "color=red:r=10:s=" + size}, []string{"-f", "lavfi", "-i", fmt.Sprintf("sine=%d:r=48000", 440*(i+1))},
			h264, aac, recordedHLS, []string{"list.m3u8"})
		name := fmt.Sprintf("v%d", i)
		if err := os.Rename(inner, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
		master += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d,RESOLUTION=%s\n%s/list.m3u8\n", 100_000*(i+1), size, name)
	}
	if err := os.WriteFile(filepath.Join(folder, "master.m3u8"), []byte(master), 0o600); err != nil {
		t.Fatal(err)
	}
	return serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/master.m3u8"
}

func TestTheBestVariantOfAPlaylistIsPlayedUnlessAnotherIsChosen(t *testing.T) {
	address := variants(t, "160x120", "320x240", "2048x1152", "240x180")
	for name, test := range map[string]struct {
		options map[string]string
		width   int
		// tone is the number of the variant whose sound is played.
		tone int
	}{
		"the best that is not too large": {nil, 320, 1},
		"the first":                      {map[string]string{"video_stream": "0"}, 160, 0},
		"the largest":                    {map[string]string{"video_stream": "2"}, 2048, 2},
		"the sound of another":           {map[string]string{"audio_stream": "3"}, 320, 3},
	} {
		t.Run(name, func(t *testing.T) {
			probed, err := probe(t, source.Spec{Type: "url", Value: address, Options: test.options, Timeout: patience})
			if err != nil {
				t.Fatal(err)
			}
			number := -1
			for _, s := range probed.Streams {
				if s.Kind == media.Audio {
					number++
				}
				if s.Kind == media.Video && s.Played && s.Width != test.width {
					t.Errorf("%dx%d is played", s.Width, s.Height)
				}
				if s.Kind == media.Audio && s.Played && number != test.tone {
					t.Errorf("sound %d is played", number)
				}
			}
		})
	}
	for option, kind := range map[string]error{"9": source.ErrNotSupported, "-1": source.ErrInvalid, "x": source.ErrInvalid} {
		_, err := newFixture(t).registry.Open(t.Context(), source.Spec{
			Type: "url", Value: address, Options: map[string]string{"video_stream": option}, Timeout: patience,
		}, false, true)
		if !errors.Is(err, kind) {
			t.Errorf("video_stream %s: %v", option, err)
		}
	}
}
