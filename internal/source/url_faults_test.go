package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// claiming sends content and says that it is as long as length; then it drops the connection.
func claiming(content []byte, length int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from := 0
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		if from >= len(content) {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", len(content)))
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(length-from))
		if w.Header().Get("Accept-Ranges") != "" {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, length-1, length))
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(content[from:min(length, len(content))])
		w.(http.Flusher).Flush()
		if length > len(content) {
			panic(http.ErrAbortHandler)
		}
	}
}

// ranged adds that ranges are known.
func ranged(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Accept-Ranges", "bytes")
		handler(w, r)
	}
}

// half sends one half of content, and then does what there is to do.
func half(content []byte, then func(w http.ResponseWriter, r *http.Request, n int)) http.HandlerFunc {
	var requests atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		n := int(requests.Add(1)) - 1
		if n > 0 {
			then(w, r, n)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		then(w, r, n)
		panic(http.ErrAbortHandler)
	}
}

// A server may say what is not so, fall silent, or be down for a while.
func TestARecordedURLSurvivesItsServerOrSaysWhatWasWrong(t *testing.T) {
	parts := [][]string{{"-f", "lavfi", "-i", "testsrc2=s=160x120:r=30"}, h264, {"-t", "1.5"}}
	stream := read(t, clip(t, "url-faults.ts", parts...))
	file := read(t, clip(t, "url-faults.mp4", append(parts, []string{"-movflags", "+faststart"})...))
	answers := func(code int, until int32) func(w http.ResponseWriter, r *http.Request, n int) {
		return func(w http.ResponseWriter, r *http.Request, n int) {
			switch {
			case n == 0:
			case n < int(until):
				w.WriteHeader(code)
			default:
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(stream))
			}
		}
	}
	// What comes late on a busy machine is left out, but two pictures a second.
	const all, some, none = 950 * time.Millisecond, 200 * time.Millisecond, 0
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		// plays is how far it plays at the least; 0 is not at all.
		plays time.Duration
		kind  error
		says  string
	}{
		"a length too large":               {claiming(stream, 2*len(stream)), all, source.ErrNetwork, fmt.Sprintf("%d bytes", len(stream))},
		"a length too large, and ranges":   {ranged(claiming(stream, 2*len(stream))), all, nil, ""},
		"a length too large of an mp4":     {ranged(claiming(file, 2*len(file))), all, nil, ""},
		"a length too small":               {claiming(stream, len(stream)*2/3), some, nil, ""},
		"a length too small of an mp4":     {claiming(file, len(file)*2/3), some, nil, ""},
		"no length":                        {whole(stream, true), all, nil, ""},
		"down for two requests":            {ranged(half(stream, answers(http.StatusServiceUnavailable, 3))), all, nil, ""},
		"down":                             {ranged(half(stream, answers(http.StatusBadGateway, 1000))), some, source.ErrNetwork, "502"},
		"gone half-way":                    {ranged(half(stream, answers(http.StatusGone, 1000))), some, source.ErrNotFound, "410"},
		"silent for longer than it may be": {half(stream, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }), some, source.ErrTimeout, "sent nothing for 2s"},
		"shrinks half-way": {ranged(half(stream, func(w http.ResponseWriter, _ *http.Request, n int) {
			if n > 0 {
				w.Header().Set("Content-Range", "bytes */1000")
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			}
		})), some, source.ErrNetwork, "replaced"},
		"a negative length": {func(w http.ResponseWriter, _ *http.Request) {
			conn, buffered, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = buffered.WriteString("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")
				_ = errors.Join(buffered.Flush(), conn.Close())
			}
		}, none, source.ErrNetwork, "Content-Length"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			spec := source.Spec{Type: "url", Value: serve(t, test.handler), Timeout: 2 * time.Second, Options: map[string]string{"analyzeduration": "200000"}}
			opened, err := f.registry.Open(t.Context(), spec, false, true)
			last := time.Duration(0)
			if err == nil {
				video, reasons := newCollector(), ended(opened.Video)
				attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
				err = waitEnd(t, reasons, patience)
				if frames := video.snapshot(); len(frames) > 0 {
					last = frames[len(frames)-1].PTS
				}
			}
			if !errors.Is(err, test.kind) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("ended with %v", err)
			}
			if last < test.plays || test.plays == none && last > 0 {
				t.Errorf("played for %v", last)
			}
		})
	}
}
