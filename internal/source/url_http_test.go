package source_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// serve answers with handler until the test ends, and gives its URL.
func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func serveFile(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) }
}

// whole sends the content without a range, and without a length if chunked.
func whole(content []byte, chunked bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if !chunked {
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		}
		for len(content) > 0 && chunked {
			n := min(len(content), 10_000)
			if _, err := w.Write(content[:n]); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			content = content[n:]
		}
		_, _ = w.Write(content)
	}
}

// redClip is 0.6 s of red and of a tone, its index at the beginning.
func redClip(t testing.TB) string {
	return clip(t, "url-red.mp4", redPicture, tone440, h264, []string{"-c:a", "aac", "-t", "0.6", "-movflags", "+faststart"})
}

func redStream(t testing.TB) string {
	return clip(t, "url-red.ts", redPicture, tone440, h264, []string{"-c:a", "aac", "-t", "0.6"})
}

// playsRed opens a URL and checks that red and the tone arrive, to the end.
func playsRed(t *testing.T, spec source.Spec) {
	t.Helper()
	f := newFixture(t)
	spec.Type = "url"
	opened := f.open(t, spec, true, true)
	checkTone(t, f, opened.Audio)
	checkRed(t, f, opened.Video, 320, 240)
}

func TestURLsOverHTTPPlay(t *testing.T) {
	file, stream := redClip(t), redStream(t)
	late := clip(t, "url-late.mp4", redPicture, tone440, h264, []string{"-c:a", "aac", "-t", "0.6"})
	var authorized atomic.Int32
	tests := map[string]http.HandlerFunc{
		"ranges":                   serveFile(file),
		"ranges, index at the end": serveFile(late),
		"no ranges":                whole(read(t, file), false),
		"no length":                whole(read(t, stream), true),
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			if n, _ := strconv.Atoi(r.URL.Query().Get("n")); n < 9 {
				http.Redirect(w, r, fmt.Sprintf("/a.mp4?n=%d", n+1), http.StatusFound)
				return
			}
			http.ServeFile(w, r, file)
		},
		"basic auth": func(w http.ResponseWriter, r *http.Request) {
			if name, password, _ := r.BasicAuth(); name != "ann" || password != "p@ss" {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			authorized.Add(1)
			http.ServeFile(w, r, file)
		},
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t, handler) + "/a.mp4"
			if name == "basic auth" {
				address = strings.Replace(address, "http://", "http://ann:p%40ss@", 1)
			}
			playsRed(t, source.Spec{Value: address})
		})
	}
}

// The package that this one replaces opened URLs as files, and apps give them so.
func TestTheURLOfANetworkGivenAsAFileIsOneOfTypeURL(t *testing.T) {
	address := serve(t, serveFile(redClip(t)))
	f := newFixture(t)
	spec := source.Spec{Type: "file", Value: address, Options: map[string]string{"user_agent": "a"}}
	opened := f.open(t, spec, true, false)
	spec.Type = "url"
	if other := f.open(t, spec, false, true); other.PlayerID != opened.PlayerID {
		t.Error("it is another source than the same of type url")
	}
	for value, kind := range map[string]error{
		"http://ann:s3cret@" + unused(t) + "/a?token=s3cret":   source.ErrNetwork,
		"RTSP://ann:s3cret@" + unused(t) + "/a?token=s3cret":   source.ErrNetwork,
		"rtmp://ann:s3cret@" + unused(t) + "/a/b?token=s3cret": source.ErrNetwork,
		"srt://127.0.0.1?passphrase=s3cret":                    source.ErrInvalid,
		"ftp://ann:s3cret@host/a?token=s3cret":                 source.ErrInvalid,
		"rtsp://ann:12#s3cret@host/a":                          source.ErrInvalid,
		"concat:http://ann:s3cret@host/a|b":                    source.ErrInvalid,
		"/tmp/rtsp:/ann:s3cret@host/a?token=s3cret":            source.ErrNotFound,
		"/tmp/http:/s3cret\x00":                                source.ErrInvalid,
		"http://" + unused(t) + "/?s3cret":                     source.ErrNetwork,
		address + "/?s3cret\x00":                               source.ErrInvalid,
	} {
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "file", Value: value, Timeout: patience}, true, true)
		if !errors.Is(err, kind) {
			t.Errorf("%s: %v", value, err)
		}
		for ; err != nil; err = cause(err) {
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: the secret is in %q", value, err)
			}
		}
	}
}

// cause is what the message for the app doesn't tell, but the error does.
func cause(err error) error {
	var told *source.Error
	if errors.As(err, &told) {
		return told.Cause
	}
	return errors.Unwrap(err)
}

func TestAnIndexAtTheEndNeedsRanges(t *testing.T) {
	address := serve(t, whole(read(t, shortClip(t)), false))
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "url", Value: address}, false, true)
	reasons := ended(opened.Video)
	if _, err := opened.Video.Attach(vp8, media.EncodingSettings{}, newCollector()); err != nil && !errors.Is(err, media.ErrTrackEnded) {
		t.Error(err)
	}
	err := waitEnd(t, reasons, patience)
	if !errors.Is(err, source.ErrNotSupported) || !strings.Contains(err.Error(), "with ranges") {
		t.Error(err)
	}
	// Who comes after the end hears why it was.
	_, err = opened.Video.Attach(vp8, media.EncodingSettings{}, newCollector())
	if !errors.Is(err, media.ErrTrackEnded) || !errors.Is(err, source.ErrNotSupported) {
		t.Error(err)
	}
}

func TestABrokenDownloadIsTakenUpAgain(t *testing.T) {
	file := read(t, clip(t, "url-two.mp4", testPicture, tone440, h264, []string{"-c:a", "aac", "-t", "2", "-movflags", "+faststart"}))
	var requests atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(&breaking{ResponseWriter: w, left: len(file) / 3}, r, "a.mp4", time.Time{}, bytes.NewReader(file))
	})
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "url", Value: address + "/a.mp4"}, false, true)
	video := newCollector()
	feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	if err := waitEnd(t, ended(opened.Video), patience); err != nil {
		t.Error(err)
	}
	if came := comeTo(feed, video); came < 54 {
		t.Errorf("%d pictures of 60", came)
	}
	if n := requests.Load(); n < 3 {
		t.Errorf("%d requests", n)
	}
}

// comeTo counts the pictures that came to who encodes them, who leaves some out on a busy machine.
func comeTo(feed media.Feed, coded *collector) int {
	return coded.count() + int(feed.Stats().FramesDropped)
}

// breaking cuts the connection after some bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.left <= 0 {
		panic(http.ErrAbortHandler)
	}
	n, err := b.ResponseWriter.Write(p[:min(len(p), b.left)])
	b.left -= n
	if b.left <= 0 {
		b.ResponseWriter.(http.Flusher).Flush()
	}
	if err == nil && n < len(p) {
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func TestADownloadThatCannotGoOnEndsWithTheReason(t *testing.T) {
	stream := read(t, clip(t, "url-three.ts", testPicture, tone440, h264, []string{"-c:a", "aac", "-t", "3"}))
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(stream)))
		_, _ = w.Write(stream[:len(stream)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "url", Value: address}, false, true)
	video := newCollector()
	reasons := ended(opened.Video)
	feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	err := waitEnd(t, reasons, patience)
	if !errors.Is(err, source.ErrNetwork) || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("ended with %v", err)
	}
	if came := comeTo(feed, video); came < 20 {
		t.Errorf("%d pictures of what had come", came)
	}
}

func TestARecordedURLLoops(t *testing.T) {
	f := newFixture(t)
	address := serve(t, serveFile(redClip(t)))
	opened := f.open(t, source.Spec{Type: "url", Value: address, Loop: true}, true, true)
	video, audio := newCollector(), newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 5, patience)
	// A kind that joins later is sought.
	attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
	audio.wait(t, 60, patience)
	video.wait(t, 40, patience)
	frames := video.snapshot()
	for i := 1; i < len(frames); i++ {
		if frames[i].PTS <= frames[i-1].PTS {
			t.Fatalf("picture %d at %v after %v", i, frames[i].PTS, frames[i-1].PTS)
		}
	}
}

func TestPlayedURLsLeaveNothingOpen(t *testing.T) {
	file := redClip(t)
	folder := made(t, redPicture, tone440, h264, aac, recordedHLS, []string{"list.m3u8"})
	descriptors := openFiles(t, "")
	for range 3 {
		t.Run("played", func(t *testing.T) {
			f := newFixture(t)
			for _, value := range []string{
				serve(t, serveFile(file)) + "/a.mp4",
				serve(t, http.FileServer(http.Dir(folder)).ServeHTTP) + "/list.m3u8",
			} {
				opened := f.open(t, source.Spec{Type: "url", Value: value, Loop: true}, false, true)
				video := newCollector()
				attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
				video.wait(t, 3, patience)
				opened.Video.Stop()
			}
		})
	}
	eventually(t, patience, "descriptors closed", func() bool { return openFiles(t, "") <= descriptors })
}

func TestTLSIsVerified(t *testing.T) {
	file := redClip(t)
	authority := newAuthority(t)
	server := func(certificate tls.Certificate) string {
		s := httptest.NewUnstartedServer(serveFile(file))
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		s.Config.ErrorLog = quietLog()
		s.StartTLS()
		t.Cleanup(func() {
			s.CloseClientConnections()
			s.Close()
		})
		return s.URL + "/a.mp4"
	}
	good := server(authority.issue(t, time.Now().Add(time.Hour), "127.0.0.1"))
	options := map[string]string{"ca_file": authority.file}
	playsRed(t, source.Spec{Value: good, Options: options})

	for name, test := range map[string]struct {
		address string
		options map[string]string
	}{
		"unknown authority": {good, nil},
		"expired":           {server(authority.issue(t, time.Now().Add(-time.Hour), "127.0.0.1")), options},
		"other name":        {server(authority.issue(t, time.Now().Add(time.Hour), "example.org")), options},
	} {
		_, err := newFixture(t).registry.Open(t.Context(), source.Spec{Type: "url", Value: test.address, Options: test.options}, true, true)
		if !errors.Is(err, source.ErrNetwork) || !strings.Contains(err.Error(), "not trusted") {
			t.Errorf("%s: %v", name, err)
		}
		t.Log(err)
	}
}

func TestURLsThatCannotBeOpenedAreRefusedInWords(t *testing.T) {
	status := func(code int) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	drip := func(header string) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(header))
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	text := serve(t, whole([]byte("hello, this is text\n"), false))
	folder := t.TempDir()
	soon := time.Second
	tests := map[string]struct {
		spec source.Spec
		kind error
		says string
	}{
		"404":             {source.Spec{Value: status(404)}, source.ErrNotFound, "404"},
		"410":             {source.Spec{Value: status(410)}, source.ErrNotFound, "410"},
		"401":             {source.Spec{Value: status(401)}, source.ErrNotAllowed, "401"},
		"403":             {source.Spec{Value: status(403)}, source.ErrNotAllowed, "403"},
		"500":             {source.Spec{Value: status(500)}, source.ErrNetwork, "500"},
		"refused":         {source.Spec{Value: "http://" + unused(t)}, source.ErrNetwork, "refused"},
		"unknown host":    {source.Spec{Value: "http://no-such-host.invalid/a"}, source.ErrNetwork, "no-such-host.invalid"},
		"silent":          {source.Spec{Value: silent, Timeout: soon}, source.ErrTimeout, "timeout"},
		"drip":            {source.Spec{Value: drip("#EXTM3U\n"), Timeout: soon}, source.ErrTimeout, "timeout"},
		"text":            {source.Spec{Value: text}, source.ErrNotSupported, "not media"},
		"random":          {source.Spec{Value: serve(t, whole([]byte(random(100_000)), false))}, source.ErrNotSupported, ""},
		"empty":           {source.Spec{Value: serve(t, whole(nil, false))}, source.ErrNotSupported, ""},
		"no scheme":       {source.Spec{Value: "/etc/passwd"}, source.ErrInvalid, ""},
		"file":            {source.Spec{Value: "file:///etc/passwd"}, source.ErrInvalid, `"file"`},
		"concat":          {source.Spec{Value: "concat:http://a/b|/etc/passwd"}, source.ErrInvalid, ""},
		"subfile":         {source.Spec{Value: "subfile,,start,0,end,0,,:/etc/passwd"}, source.ErrInvalid, ""},
		"data":            {source.Spec{Value: "data:text/plain,#EXTM3U"}, source.ErrInvalid, ""},
		"crypto":          {source.Spec{Value: "crypto+http://a/b"}, source.ErrInvalid, ""},
		"no host":         {source.Spec{Value: "http:///a"}, source.ErrInvalid, "host"},
		"no port":         {source.Spec{Value: "udp://127.0.0.1"}, source.ErrInvalid, "port"},
		"long":            {source.Spec{Value: "http://a/" + strings.Repeat("x", 10_000)}, source.ErrInvalid, "longer"},
		"whitelist":       {source.Spec{Value: text, Options: map[string]string{"protocol_whitelist": "file"}}, source.ErrNotAllowed, "protocol_whitelist"},
		"no verification": {source.Spec{Value: text, Options: map[string]string{"tls_verify": "0"}}, source.ErrNotAllowed, "ca_file"},
		"unknown option":  {source.Spec{Value: serve(t, serveFile(redClip(t))), Options: map[string]string{"no_such": "1"}}, source.ErrUnsupported, `"no_such"`},
		"bad option":      {source.Spec{Value: text, Options: map[string]string{"probesize": "much"}}, source.ErrInvalid, "option"},
		"bad headers":     {source.Spec{Value: text, Options: map[string]string{"headers": "no colon"}}, source.ErrInvalid, "headers"},
		"bad CA":          {source.Spec{Value: text, Options: map[string]string{"ca_file": filepath.Join(folder, "none")}}, source.ErrInvalid, "ca_file"},
		"format":          {source.Spec{Value: text, Format: "lavfi"}, source.ErrNotSupported, `"lavfi"`},
		"loop":            {source.Spec{Value: serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) })}, source.ErrNotAllowed, "redirects"},
		"to a file": {source.Spec{Value: serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		})}, source.ErrNotAllowed, `"file:"`},
	}
	f := newFixture(t)
	descriptors := openFiles(t, "")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.spec.Type = "url"
			test.spec.Value = strings.Replace(test.spec.Value, "://127.", "://ann:s3cret@127.", 1)
			opened, err := f.registry.Open(t.Context(), test.spec, true, true)
			if opened != nil || !errors.Is(err, test.kind) {
				t.Fatalf("%v, %v", opened, err)
			}
			var refusal *source.Error
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("message %q", err)
			}
			for cause := error(refusal); cause != nil; cause = refusal.Cause {
				if strings.Contains(cause.Error(), "s3cret") {
					t.Errorf("the password is in %q", cause)
				}
				if cause == refusal.Cause {
					break
				}
			}
			t.Log(err)
		})
	}
	eventually(t, patience, "descriptors closed", func() bool { return openFiles(t, "") <= descriptors+2 })
	if len(f.registry.State()) != 0 {
		t.Error("sources left open")
	}
}

func checkTone(t *testing.T, f *fixture, track media.Track) {
	t.Helper()
	var mu sync.Mutex
	var samples []int16
	tap, err := sink.NewTap(track, opus, media.EncodingSettings{Stereo: true}, sink.Handlers{
		Error: func(err error) { t.Error(err) },
		Audio: func(frame *media.AudioFrame) {
			mu.Lock()
			defer mu.Unlock()
			samples = append(samples, frame.Samples...)
		},
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	reasons := ended(track)
	t.Cleanup(func() {
		if err := waitEnd(t, reasons, patience); err != nil {
			t.Error(err)
		}
		drainTap(t, tap)
		tap.Close()
		mu.Lock()
		defer mu.Unlock()
		if seconds := float64(len(samples)) / 96000; seconds < 0.55 || seconds > 0.75 {
			t.Errorf("%.2f s of sound of 0.6", seconds)
			return
		}
		middle := samples[len(samples)/3/2*2 : len(samples)*2/3/2*2]
		if share := codectest.ToneShare(middle, 48000, 2, 440); share < 0.9 {
			t.Errorf("%.2f of the energy at 440 Hz", share)
		}
	})
}

func checkRed(t *testing.T, f *fixture, track media.Track, width, height int) {
	t.Helper()
	reasons := ended(track)
	pictures := 0
	var last time.Duration
	tap, err := sink.NewTap(track, vp8, media.EncodingSettings{}, sink.Handlers{
		Error: func(err error) { t.Error(err) },
		Video: func(frame *media.VideoFrame) {
			pictures++
			last = frame.PTS
			if frame.Width != width || frame.Height != height {
				t.Errorf("size %dx%d, want %dx%d", frame.Width, frame.Height, width, height)
			}
			if c := codectest.At(frame, width/2, height/2); !c.Near(red, 8) {
				t.Errorf("colour %v", c)
			}
		},
	}, f.start)
	if err != nil {
		t.Fatal(err)
	}
	if err := waitEnd(t, reasons, patience); err != nil {
		t.Error(err)
	}
	stats := tap.Feed().Stats()
	drainTap(t, tap)
	tap.Close()
	if n := pictures + int(stats.FramesDropped); n < 15 || stats.FramesDropped == 0 && last < 400*time.Millisecond {
		t.Errorf("%d pictures, the last at %v", n, last)
	}
}

// A recorded source that has to wait for the network goes on where it was.
func TestAStallHoldsARecordedURLUp(t *testing.T) {
	stream := read(t, clip(t, "url-slow.ts", []string{"-f", "lavfi", "-i", "testsrc2=s=160x120:r=30"}, h264, []string{"-t", "3"}))
	goOn := make(chan struct{})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(stream)))
		_, _ = w.Write(stream[:len(stream)/2])
		w.(http.Flusher).Flush()
		select {
		case <-goOn:
		case <-r.Context().Done():
		}
		_, _ = w.Write(stream[len(stream)/2:])
	})
	f := newFixture(t)
	spec := source.Spec{Type: "url", Value: address, Timeout: patience, Options: map[string]string{"analyzeduration": "200000"}}
	opened := f.open(t, spec, false, true)
	video := newCollector()
	feed := attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	reasons := ended(opened.Video)
	// It has come to where the network stopped when nothing comes any more.
	eventually(t, patience, "pictures play", func() bool { return comeTo(feed, video) >= 10 })
	count := 0
	eventually(t, patience, "all that had come played", func() bool {
		before := count
		time.Sleep(800 * time.Millisecond)
		count = video.count()
		return count == before
	})
	close(goOn)
	if err := waitEnd(t, reasons, patience); err != nil {
		t.Error(err)
	}
	frames := video.snapshot()
	if len(frames) <= count {
		t.Fatal("nothing came after the stall")
	}
	if gap := frames[count].PTS - frames[count-1].PTS; gap > 400*time.Millisecond {
		t.Errorf("%v are missing", gap)
	}
}
