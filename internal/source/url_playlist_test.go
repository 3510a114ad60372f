package source_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// made runs ffmpeg in a folder of its own, which it gives.
func made(t testing.TB, arguments ...[]string) string {
	t.Helper()
	folder := t.TempDir()
	all := []string{"-nostdin", "-v", "error", "-y"}
	for _, some := range arguments {
		all = append(all, some...)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "ffmpeg", all...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, output)
	}
	return folder
}

// running starts ffmpeg until the test ends, or the function that it gives is called.
func running(t testing.TB, folder string, arguments ...[]string) (stop func()) {
	t.Helper()
	all := []string{"-nostdin", "-v", "error", "-y"}
	for _, some := range arguments {
		all = append(all, some...)
	}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "ffmpeg", all...)
	command.Dir = folder
	var told bytes.Buffer
	command.Stderr = &told
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	done := make(chan struct{})
	var end error
	go func() {
		defer close(done)
		end = command.Wait()
	}()
	stop = func() {
		cancel()
		<-done
		if t.Failed() {
			t.Logf("ffmpeg: %v\n%s", end, &told)
		}
	}
	t.Cleanup(stop)
	return stop
}

var recordedHLS = []string{"-t", "0.6", "-g", "9", "-f", "hls", "-hls_time", "0.3", "-hls_playlist_type", "vod", "-hls_flags", "split_by_time"}

func TestRecordedPlaylistsPlay(t *testing.T) {
	hls := made(t, redPicture, tone440, h264, aac, recordedHLS, []string{"list.m3u8"})
	master := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=500000\nlist.m3u8\n"
	if err := os.WriteFile(filepath.Join(hls, "master.m3u8"), []byte(master), 0o600); err != nil {
		t.Fatal(err)
	}
	dash := made(t, redPicture, tone440, h264, aac, []string{"-t", "0.6", "-g", "9", "-f", "dash", "-seg_duration", "0.3", "list.mpd"})

	encrypted := t.TempDir()
	files := http.FileServer(http.Dir(encrypted))
	address := serve(t, files.ServeHTTP)
	info := fmt.Sprintf("%s/key\n%s\n", address, filepath.Join(encrypted, "key"))
	for name, text := range map[string]string{"key": "0123456789abcdef", "info": info} {
		if err := os.WriteFile(filepath.Join(encrypted, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// #nosec: arguments are the test's
	command := exec.CommandContext(t.Context(), "ffmpeg", append(append(append(append([]string{"-nostdin", "-v", "error"}, redPicture...), tone440...),
		append(h264, aac...)...), append(recordedHLS, "-hls_key_info_file", "info", "list.m3u8")...)...)
	command.Dir = encrypted
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}

	plain := serve(t, http.FileServer(http.Dir(hls)).ServeHTTP)
	for name, value := range map[string]string{
		"HLS":             plain + "/list.m3u8",
		"HLS with master": plain + "/master.m3u8",
		"HLS encrypted":   address + "/list.m3u8",
		"HLS redirected": serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain+"/list.m3u8", http.StatusFound)
		}) + "/elsewhere/here.m3u8",
		"DASH": serve(t, http.FileServer(http.Dir(dash)).ServeHTTP) + "/list.mpd",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			playsRed(t, source.Spec{Value: value})
		})
	}
}

func TestAPlaylistOverHTTPSPlays(t *testing.T) {
	authority := newAuthority(t)
	folder := made(t, redPicture, tone440, h264, aac, recordedHLS, []string{"list.m3u8"})
	server := httptest.NewUnstartedServer(http.FileServer(http.Dir(folder)))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.issue(t, time.Now().Add(time.Hour), "127.0.0.1")}}
	server.StartTLS()
	defer server.Close()
	defer server.CloseClientConnections()
	playsRed(t, source.Spec{Value: server.URL + "/list.m3u8", Options: map[string]string{"ca_file": authority.file}})
}

// A manifest may be there before the first segment is, or say that it is there when it is not.
func TestALivePlaylistWithoutSegmentsYetIsOpenedWhenThereAreSome(t *testing.T) {
	const head = `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" ` +
		`type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z" minBufferTime="PT0S"><Period id="0" start="PT0S"><AdaptationSet contentType="video">` +
		`<Representation id="0" mimeType="video/mp4" codecs="avc1.42c00d" width="320" height="240">` +
		`<SegmentTemplate timescale="15360" initialization="init-stream0.m4s" media="chunk-stream0-$Number%05d$.m4s" startNumber="1"><SegmentTimeline>`
	const tail = `</SegmentTimeline></SegmentTemplate></Representation></AdaptationSet></Period></MPD>`
	folder := made(t, redPicture, h264, []string{"-t", "3", "-g", "30", "-f", "dash", "-seg_duration", "1", "list.mpd"})
	var begun atomic.Bool
	var missing atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/live.mpd":
			if strings.HasSuffix(r.URL.Path, "-00000.m4s") {
				missing.Add(1)
			}
			http.FileServer(http.Dir(folder)).ServeHTTP(w, r)
		case begun.Load():
			_, _ = io.WriteString(w, head+`<S t="0" d="15360" r="2"/>`+tail)
		default:
			_, _ = io.WriteString(w, head+tail)
		}
	})
	f := newFixture(t)
	_, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: server + "/live.mpd", Timeout: 2 * time.Second}, false, true)
	if err == nil || !strings.Contains(err.Error(), "names no segment that is there, for 2s") {
		t.Errorf("opened before there was a segment: %v", err)
	}
	if n := missing.Load(); n > 20 {
		t.Errorf("the server was asked %d times for what it did not have", n)
	}
	time.AfterFunc(time.Second, func() { begun.Store(true) })
	opened := f.open(t, source.Spec{Type: "url", Value: server + "/live.mpd", Timeout: patience}, false, true)
	video := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 30, patience)
}

// A live playlist plays on beyond what it held at first, at its own pace.
func TestALivePlaylistPlays(t *testing.T) {
	for name, arguments := range map[string][]string{
		"list.m3u8": {"-f", "hls", "-hls_time", "1", "-hls_list_size", "4", "-hls_flags", "delete_segments"},
		"list.mpd":  {"-f", "dash", "-seg_duration", "1", "-window_size", "4", "-streaming", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			running(t, folder, []string{"-re"}, redPicture, []string{"-re"}, tone440, h264, aac, []string{"-g", "30"}, arguments, []string{name})
			eventually(t, patience, "a playlist", func() bool {
				_, err := os.Stat(filepath.Join(folder, name))
				segments, _ := filepath.Glob(filepath.Join(folder, "*[0-9].*s"))
				return err == nil && len(segments) >= 2
			})
			f := newFixture(t)
			address := serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/" + name
			opened := f.open(t, source.Spec{Type: "url", Value: address, Timeout: 2 * patience}, true, true)
			video, audio := newCollector(), newCollector()
			attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
			attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
			reasons := ended(opened.Video)
			video.wait(t, 90, 2*patience)
			audio.wait(t, 120, 2*patience)
			select {
			case reason := <-reasons:
				t.Errorf("ended: %v", reason)
			default:
			}
			frames := video.snapshot()
			span := frames[len(frames)-1].PTS - frames[0].PTS
			if rate := float64(len(frames)-1) / span.Seconds(); rate < 20 || rate > 32 {
				t.Errorf("%.1f pictures a second", rate)
			}
		})
	}
}

// What a URL gives may point at http and https, and at nothing else.
func TestWhatAURLPointsAtIsBounded(t *testing.T) {
	var reached atomic.Int32
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		w.WriteHeader(http.StatusNotFound)
	})
	secret := filepath.Join(t.TempDir(), "secret.ts")
	if err := os.WriteFile(secret, read(t, redStream(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	hls := func(entry string) string {
		return "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.6,\n" + entry + "\n#EXT-X-ENDLIST\n"
	}
	keyed := func(uri string) string {
		return "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"" + uri + "\"\n#EXTINF:0.6,\na.ts\n#EXT-X-ENDLIST\n"
	}
	mapped := func(uri string) string {
		return "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI=\"" + uri + "\"\n#EXTINF:0.6,\n/a.ts\n#EXT-X-ENDLIST\n"
	}
	mpd := func(base string) string {
		return `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><BaseURL>` + base +
			`</BaseURL><Period><AdaptationSet mimeType="video/mp2t"><Representation id="1" bandwidth="1000" codecs="avc1.42c01e"><SegmentList duration="1">` +
			`<SegmentURL media="secret.ts"/></SegmentList></Representation></AdaptationSet></Period></MPD>`
	}
	for name, text := range map[string]string{
		"segment in a file":          hls("file://" + secret),
		"passwd":                     hls("file:///etc/passwd"),
		"concat":                     hls("concat:" + secret + "|" + secret),
		"concat of http":             hls("concat:" + other + "/a|file://" + secret),
		"subfile":                    hls("subfile,,start,0,end,1000,,:" + secret),
		"data":                       hls("data:video/mp2t;base64,R0AAEAAA"),
		"crypto of a file":           hls("crypto:" + secret),
		"crypto of a file URL":       hls("crypto+file://" + secret),
		"cache":                      hls("cache:" + secret),
		"pipe":                       hls("pipe:0"),
		"tcp":                        hls("tcp://" + strings.TrimPrefix(other, "http://")),
		"key in a file":              keyed("file://" + secret),
		"key as data":                keyed("data:text/plain;base64,MDEyMzQ1Njc4OWFiY2RlZg=="),
		"map in a file":              mapped("file://" + secret),
		"list in a file":             "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nfile://" + secret + ".m3u8\n",
		"ffconcat of a file":         "ffconcat version 1.0\nfile 'file:" + secret + "'\n",
		"ffconcat of a path":         "ffconcat version 1.0\nfile '" + secret + "'\n",
		"ffconcat of http":           "ffconcat version 1.0\nfile '" + other + "/a.ts'\n",
		"DASH with file URLs":        mpd("file://" + filepath.Dir(secret) + "/"),
		"DASH with a path":           mpd(filepath.Dir(secret) + "/"),
		"SDP of a file":              "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\na=control:file://" + secret + "\nm=video 0 RTP/AVP 33\na=control:file://" + secret + "\n",
		"a playlist that never ends": "#EXTM3U\n" + strings.Repeat("#EXTINF:1,\nx.ts\n", 700_000),
	} {
		t.Run(name, func(t *testing.T) {
			reached.Store(0)
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/list" {
					_, _ = w.Write([]byte(text))
					return
				}
				w.WriteHeader(http.StatusNotFound)
			}) + "/list"
			f := newFixture(t)
			opened, err := f.registry.Open(t.Context(), source.Spec{Type: "url", Value: address, Timeout: 2 * time.Second}, false, true)
			if err == nil {
				t.Fatalf("opened %v", opened)
			}
			var refusal *source.Error
			if !errors.As(err, &refusal) {
				t.Errorf("%v", err)
			}
			if strings.Contains(name, "ffconcat") && reached.Load() != 0 {
				t.Error("FFmpeg itself opened http")
			}
			t.Log(err)
		})
	}
}

func TestAFileNeverOpensHTTP(t *testing.T) {
	var reached atomic.Int32
	address := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.m3u8":     "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n" + address + "/a.ts\n#EXT-X-ENDLIST\n",
		"b.m3u8":     "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n" + address + "/list.m3u8\n",
		"c.ffconcat": "ffconcat version 1.0\nfile '" + address + "/a.ts'\n",
		"d.mpd":      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><BaseURL>` + address + `/</BaseURL><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><SegmentList duration="1"><SegmentURL media="a.mp4"/></SegmentList></Representation></AdaptationSet></Period></MPD>`,
		"e.sdp":      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 40000 RTP/AVP 33\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := newFixture(t).registry.Open(t.Context(), source.Spec{Type: "file", Value: path, Timeout: 3 * time.Second}, false, true)
		if err == nil || errors.Is(err, source.ErrTimeout) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if reached.Load() != 0 {
		t.Error("http was opened")
	}
}
