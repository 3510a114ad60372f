package source_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// withoutRanges serves a folder as a plain server does, which always sends a file whole.
func withoutRanges(t testing.TB, folder string) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		whole(read(t, filepath.Join(folder, filepath.Base(r.URL.Path))), false)(w, r)
	})
}

// sequential are URLs that can't be sought in, of 2 s with marks at their beginning.
func sequential(t *testing.T) map[string]string {
	t.Helper()
	urls := make(map[string]string)
	for name, options := range map[string]string{
		"s.mp4": "-c:v libx264 -pix_fmt yuv420p -c:a aac -movflags +faststart", "s.webm": "-c:v libvpx -deadline realtime -c:a libopus",
		"s.mkv": "-c:v libx264 -pix_fmt yuv420p -c:a libopus", "s.ts": "-c:v libx264 -pix_fmt yuv420p -c:a aac",
	} {
		path := clip(t, name, flash("2"), beep("2"), strings.Fields(options))
		urls[name] = withoutRanges(t, filepath.Dir(path)) + "/" + name
	}
	for name, options := range map[string]string{
		"ts.m3u8": "-hls_time 1", "fmp4.m3u8": "-hls_time 1 -hls_segment_type fmp4", "s.mpd": "-seg_duration 1",
	} {
		folder := made(t, flash("2"), beep("2"), strings.Fields("-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac "+options), []string{name})
		if strings.HasSuffix(name, "m3u8") {
			// Recorded: it has its end.
			folder = made(t, flash("2"), beep("2"), strings.Fields("-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac -hls_list_size 0 -hls_playlist_type vod "+options), []string{name})
		}
		urls[name] = serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/" + name
	}
	return urls
}

func TestTheOtherKindJoinsWhatCannotBeSought(t *testing.T) {
	for name, url := range sequential(t) {
		for _, order := range [][]media.Codec{{opus, vp8}, {vp8, opus}} {
			t.Run(name+" "+order[1].MimeType, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t)
				opened := openFor(t, f, source.Spec{Type: "url", Value: url, Decode: new(true)}, order...)
				h := newHeard()
				first, second := trackFor(opened, order[0]), trackFor(opened, order[1])
				ends := []<-chan error{ended(first), ended(second)}
				h.listen(t, f, first, order[0])
				last := func() time.Duration {
					h.mu.Lock()
					defer h.mu.Unlock()
					if sent := h.sent[first.Kind()]; len(sent) > 0 {
						return sent[len(sent)-1]
					}
					return 0
				}
				eventually(t, patience, "1 s of the first", func() bool { return last() > time.Second })
				at := last()
				h.listen(t, f, second, order[1])
				for _, end := range ends {
					if err := waitEnd(t, end, patience); err != nil {
						t.Error(err)
					}
				}
				h.mu.Lock()
				defer h.mu.Unlock()
				sent := h.sent[first.Kind()]
				for i := 1; i < len(sent); i++ {
					// Pictures may be left out on a busy machine.
					if d := sent[i] - sent[i-1]; d <= 0 || d > 60*time.Millisecond && first.Kind() == media.Audio {
						t.Errorf("the first has a hole of %v at %v", d, sent[i-1])
					}
				}
				// Of pictures that come late two a second are sent.
				if end := sent[len(sent)-1]; end < 1400*time.Millisecond || end < 1700*time.Millisecond && first.Kind() == media.Audio {
					t.Errorf("the first ends at %v", end)
				}
				if sent := h.sent[second.Kind()]; len(sent) == 0 || sent[0] < at-200*time.Millisecond || sent[0] > at+600*time.Millisecond {
					t.Errorf("joined at %v, begins %v", at, sent)
				}
			})
		}
	}
}

func TestWhatCannotBeSoughtLoops(t *testing.T) {
	for name, url := range sequential(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			opened := f.open(t, source.Spec{Type: "url", Value: url, Loop: true, Decode: new(true)}, true, true)
			h := newHeard()
			h.listen(t, f, opened.Video, vp8)
			h.listen(t, f, opened.Audio, opus)
			eventually(t, 2*patience, "three rounds", func() bool {
				h.mu.Lock()
				defer h.mu.Unlock()
				return len(h.flashes) > 3 && len(h.beeps) > 3 || len(h.ended) > 0
			})
			h.mu.Lock()
			defer h.mu.Unlock()
			if len(h.ended) > 0 {
				t.Fatalf("ended: %v", h.ended)
			}
			// Pictures may be left out on a busy machine.
			h.flashes = nil
			h.checkRounds(t, 3, 2*time.Second, 0)
		})
	}
}

func TestALoopThatCannotBeOpenedAgainSaysWhy(t *testing.T) {
	path := clip(t, "s.mp4", flash("2"), beep("2"), strings.Fields("-c:v libx264 -pix_fmt yuv420p -c:a aac -movflags +faststart"))
	times := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if times++; times > 1 {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		whole(read(t, path), false)(w, r)
	})
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "url", Value: url, Loop: true}, true, true)
	end := ended(opened.Audio)
	attach(t, opened.Audio, opus, media.EncodingSettings{}, newCollector())
	reason := waitEnd(t, end, patience)
	if !errors.Is(reason, source.ErrNotAllowed) || !strings.Contains(reason.Error(), "403") {
		t.Errorf("ended with %v", reason)
	}
}
