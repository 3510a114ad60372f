package source_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// segments serves a playlist of three, of which the second is another; how says what else is
// wrong with it.
func segments(t *testing.T, second []byte, how func(w http.ResponseWriter, r *http.Request) bool) string {
	t.Helper()
	red := []string{"-f", "lavfi", "-i", "color=red:s=160x120:r=25"}
	one := read(t, clip(t, "hls-1.ts", red, x264, []string{"-t", "1"}))
	three := read(t, clip(t, "hls-3.ts", red, x264, []string{"-t", "1", "-output_ts_offset", "2"}))
	const list = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n" +
		"#EXTINF:1,\n/1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\n/2.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\n/3.ts\n#EXT-X-ENDLIST\n"
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/1.ts":
			_, _ = w.Write(one)
		case "/2.ts":
			if how == nil || !how(w, r) {
				_, _ = w.Write(second)
			}
		case "/3.ts":
			_, _ = w.Write(three)
		default:
			_, _ = w.Write([]byte(list))
		}
	}) + "/list.m3u8"
}

// A segment may be another than those before it, or not to be had: the rest plays on, unless
// it is told what is wrong.
func TestAPlaylistWhoseSegmentsDifferPlaysOnOrSaysWhy(t *testing.T) {
	blueOf := func(size string) []string { return []string{"-f", "lavfi", "-i", "color=blue:s=" + size + ":r=25"} }
	after := []string{"-t", "1", "-output_ts_offset", "1"}
	same := read(t, clip(t, "hls-2.ts", blueOf("160x120"), x264, after))
	status := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(code)
			return true
		}
	}
	for name, test := range map[string]struct {
		second []byte
		how    func(w http.ResponseWriter, r *http.Request) bool
		// blue is how many pictures of the second are shown, at the least.
		blue int
		kind error
		says string
	}{
		"another size": {read(t, clip(t, "hls-size.ts", blueOf("320x240"), x264, after)), nil, 1, nil, ""},
		// FFmpeg takes the codecs of the first for all: it is left out as what is damaged.
		"another codec": {read(t, clip(t, "hls-codec.ts", blueOf("320x240"), x265, after)), nil, 0, nil, ""},
		"noise":         {[]byte(random(20_000)), nil, 0, nil, ""},
		"not there":     {same, status(http.StatusNotFound), 0, nil, ""},
		"an error":      {same, status(http.StatusInternalServerError), 0, nil, ""},
		"cut half-way": {same, func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", fmt.Sprint(len(same)))
			_, _ = w.Write(same[:len(same)/2])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 0, nil, ""},
		"silent": {same, func(_ http.ResponseWriter, r *http.Request) bool {
			<-r.Context().Done()
			return true
		}, 0, source.ErrTimeout, "sent nothing for 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			opened := f.open(t, source.Spec{Type: "url", Value: segments(t, test.second, test.how), Timeout: 2 * time.Second}, false, true)
			var before, blues, behind, other atomic.Int32
			reasons := ended(opened.Video)
			tap, err := sink.NewTap(opened.Video, vp8, media.EncodingSettings{}, sink.Handlers{
				Error: func(err error) { t.Error(err) },
				Video: func(frame *media.VideoFrame) {
					switch c := codectest.At(frame, frame.Width/2, frame.Height/2); {
					case c.Near(blue, 12):
						blues.Add(1)
					case !c.Near(red, 12):
						other.Add(1)
					case blues.Load() > 0 || frame.PTS > 1500*time.Millisecond:
						behind.Add(1)
					default:
						before.Add(1)
					}
				},
			}, f.start)
			if err != nil {
				t.Fatal(err)
			}
			defer tap.Close()
			err = waitEnd(t, reasons, 2*patience)
			drainTap(t, tap)
			t.Logf("%d red, %d blue, %d red, %d of neither; %v", before.Load(), blues.Load(), behind.Load(), other.Load(), err)
			if !errors.Is(err, test.kind) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("ended with %v", err)
			}
			// What comes late on a busy machine is left out, but two pictures a second.
			if before.Load() == 0 || int(blues.Load()) < test.blue || test.kind == nil && behind.Load() == 0 || other.Load() > 0 {
				t.Error("not what it holds")
			}
		})
	}
}

// A live playlist that goes away, shrinks, or is none any more is not the end of the app.
func TestALivePlaylistThatGoesAwayEndsOnlyWhereItMay(t *testing.T) {
	for name, then := range map[string]func(w http.ResponseWriter){
		"goes away":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) },
		"is broken":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"is no list": func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>hello</html>")) },
		"is empty":   func(w http.ResponseWriter) { _, _ = w.Write([]byte("#EXTM3U\n#EXT-X-TARGETDURATION:1\n")) },
		"ends": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-ENDLIST\n"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			running(t, folder, live, []string{"-f", "hls", "-hls_time", "0.5", "-hls_list_size", "4", "-hls_flags", "temp_file", "list.m3u8"})
			eventually(t, 2*patience, "segments", func() bool {
				made, _ := filepath.Glob(filepath.Join(folder, "list3.ts"))
				_, err := os.Stat(filepath.Join(folder, "list.m3u8"))
				return err == nil && len(made) > 0
			})
			var gone atomic.Bool
			files := http.FileServer(http.Dir(folder))
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if gone.Load() && strings.HasSuffix(r.URL.Path, ".m3u8") {
					then(w)
					return
				}
				files.ServeHTTP(w, r)
			}) + "/list.m3u8"
			f := newFixture(t)
			spec := source.Spec{Type: "url", Value: address, Timeout: time.Second}
			opened := f.open(t, spec, false, true)
			s := show(t, f, opened)
			s.more(t, 10, 0)
			spec.Options = map[string]string{"reconnect": "0"}
			once := f.open(t, spec, false, true)
			show(t, f, once).more(t, 5, 0)
			stays, ends := ended(opened.Video), ended(once.Video)
			gone.Store(true)
			t.Logf("ended with %v", waitEnd(t, ends, 2*patience))
			gone.Store(false)
			s.more(t, 10, 0)
			select {
			case err := <-stays:
				t.Errorf("the one that is opened again ended: %v", err)
			default:
			}
			s.check(t)
		})
	}
}
