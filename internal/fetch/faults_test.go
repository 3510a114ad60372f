package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// faulty serves content with ranges, but where fault answers instead: to request n, counted
// from 0. What it serves by itself breaks after breaks bytes.
func faulty(t *testing.T, content []byte, breaks int, fault func(w http.ResponseWriter, n, from int) bool) string {
	var requests atomic.Int32
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		from, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
		at, _ := strconv.Atoi(from)
		if fault(w, int(requests.Add(1))-1, at) {
			return
		}
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(&cut{ResponseWriter: w, left: breaks}, r, "", time.Time{}, bytes.NewReader(content))
	})
}

// part answers with a part of content, of which it says what it wants.
func part(w http.ResponseWriter, says string, data []byte) bool {
	w.Header().Set("ETag", `"1"`)
	w.Header().Set("Content-Range", "bytes "+says)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = w.Write(data)
	return true
}

// raw answers with bytes that no server of Go's sends.
func raw(w http.ResponseWriter, head string, data []byte) bool {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = buffered.WriteString("HTTP/1.1 " + head + "\r\n\r\n")
	_, _ = buffered.Write(data)
	_ = buffered.Flush()
	_ = conn.Close()
	return true
}

func TestAServerThatFailsHalfWayIsReadOnOrTheReasonIsTold(t *testing.T) {
	const size, half = 90_000, 45_000
	content := numbers(size)
	first := func(n int) bool { return n == 0 }
	status := func(code int) func(w http.ResponseWriter, n, from int) bool {
		return func(w http.ResponseWriter, n, _ int) bool {
			if first(n) {
				return false
			}
			w.WriteHeader(code)
			return true
		}
	}
	for name, test := range map[string]struct {
		breaks int
		fault  func(w http.ResponseWriter, n, from int) bool
		// kind is nil where all of the content arrives.
		kind error
		says string
	}{
		"cut at each third": {size / 3, func(http.ResponseWriter, int, int) bool { return false }, nil, ""},
		"sends parts of 4 KB alone": {0, func(w http.ResponseWriter, _, from int) bool {
			end := min(from+4096, size)
			return part(w, fmt.Sprintf("%d-%d/%d", from, end-1, size), content[from:end])
		}, nil, ""},
		"sends a part of nothing": {half, func(w http.ResponseWriter, n, from int) bool {
			return !first(n) && part(w, fmt.Sprintf("%d-%d/%d", from, size-1, size), nil)
		}, ErrDropped, "broke after 45000 bytes"},
		"all instead of a part": {half, func(w http.ResponseWriter, n, _ int) bool {
			w.Header().Set("ETag", `"1"`)
			if !first(n) {
				whole(w, content)
			}
			return !first(n)
		}, nil, ""},
		"all of another instead of a part": {half, func(w http.ResponseWriter, n, _ int) bool {
			w.Header().Set("ETag", `"2"`)
			if !first(n) {
				whole(w, content)
			}
			return !first(n)
		}, ErrChanged, "replaced"},
		"another part": {half, func(w http.ResponseWriter, n, from int) bool {
			return !first(n) && part(w, fmt.Sprintf("%d-%d/%d", from-8, size-1, size), content[from-8:])
		}, ErrStatus, "another part"},
		"a part without its place": {half, func(w http.ResponseWriter, n, from int) bool {
			return !first(n) && part(w, "somewhere", content[from:])
		}, ErrStatus, "which part"},
		"a part of another": {half, func(w http.ResponseWriter, n, from int) bool {
			if !first(n) {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
				w.Header().Set("ETag", `"2"`)
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(content[from:])
			}
			return !first(n)
		}, ErrChanged, "replaced"},
		"is at its end sooner than it said": {0, func(w http.ResponseWriter, n, from int) bool {
			if n > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return true
			}
			return part(w, fmt.Sprintf("0-%d/%d", 2*size-1, 2*size), content)
		}, nil, ""},
		"grew meanwhile": {half, func(w http.ResponseWriter, n, from int) bool {
			return !first(n) && part(w, fmt.Sprintf("%d-%d/%d", from, size, size+1), content[from:])
		}, ErrChanged, "replaced"},
		"shrank meanwhile": {half, func(w http.ResponseWriter, n, _ int) bool {
			w.Header().Set("Content-Range", "bytes */100")
			return status(http.StatusRequestedRangeNotSatisfiable)(w, n, 0)
		}, ErrChanged, "replaced"},
		"has no such part though it has more": {half, func(w http.ResponseWriter, n, _ int) bool {
			if first(n) {
				return false
			}
			w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
			return status(http.StatusRequestedRangeNotSatisfiable)(w, n, 0)
		}, ErrStatus, "416"},
		"has no such part, without a size": {half, status(http.StatusRequestedRangeNotSatisfiable), ErrStatus, "416"},
		"is down for two requests": {half, func(w http.ResponseWriter, n, _ int) bool {
			return n < 3 && status(http.StatusServiceUnavailable)(w, n, 0)
		}, nil, ""},
		"is down":    {half, status(http.StatusBadGateway), ErrDropped, "broke after 45000 bytes and could not be taken up again: the server answered 502"},
		"is no more": {half, status(http.StatusNotFound), ErrNotFound, "404"},
		"asks who":   {half, status(http.StatusForbidden), ErrForbidden, "403"},
		"says no HTTP": {half, func(w http.ResponseWriter, n, _ int) bool {
			return !first(n) && raw(w, "nonsense", nil)
		}, ErrDropped, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t, client(t, Config{Stall: 2 * time.Second}), faulty(t, content, test.breaks, test.fault), 0, 0)
			got, err := io.ReadAll(r)
			if !errors.Is(err, test.kind) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if test.kind == nil && !bytes.Equal(got, content) || !bytes.HasPrefix(content, got) {
				t.Errorf("%d bytes, or others", len(got))
			}
		})
	}
}

// whole answers with everything, and its length.
func whole(w http.ResponseWriter, content []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}

func TestALengthThatIsNotSoIsNoEnd(t *testing.T) {
	content := numbers(1000)
	for name, test := range map[string]struct {
		head string
		// opening says that it is refused at once.
		opening bool
		kind    error
		length  int
	}{
		"too large":                         {"200 OK\r\nContent-Length: 2000", false, ErrDropped, 1000},
		"too small":                         {"200 OK\r\nContent-Length: 600", false, nil, 600},
		"absent":                            {"200 OK\r\nConnection: close", false, nil, 1000},
		"negative":                          {"200 OK\r\nContent-Length: -5", true, ErrDropped, 0},
		"beyond all numbers":                {"200 OK\r\nContent-Length: 99999999999999999999", true, ErrDropped, 0},
		"two":                               {"200 OK\r\nContent-Length: 1000\r\nContent-Length: 2000", true, ErrDropped, 0},
		"no number":                         {"200 OK\r\nContent-Length: much", true, ErrDropped, 0},
		"pieces that are none":              {"200 OK\r\nTransfer-Encoding: chunked", false, ErrDropped, 0},
		"a part that ends before it begins": {"206 Partial Content\r\nContent-Range: bytes 5-4/1000", true, ErrStatus, 0},
		"a part beyond the size":            {"206 Partial Content\r\nContent-Range: bytes 0-1999/1000", true, ErrStatus, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) { raw(w, test.head, content) })
			r, err := client(t, Config{}).Open(t.Context(), address, 0, 0)
			if (err != nil) != test.opening {
				t.Fatal(err)
			}
			got := []byte(nil)
			if err == nil {
				defer func() { _ = r.Close() }()
				got, err = io.ReadAll(r)
			}
			if !errors.Is(err, test.kind) || test.length > 0 && len(got) != test.length || !bytes.HasPrefix(content, got) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// What comes before a part, of a server that sends all, may take longer than it may be silent.
func TestWhatIsLeftOutMayTakeItsTime(t *testing.T) {
	content := numbers(1000)
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		for i := range 10 {
			_, _ = w.Write(content[i*100 : i*100+100])
			w.(http.Flusher).Flush()
			time.Sleep(100 * time.Millisecond)
		}
	})
	r := open(t, client(t, Config{Stall: 600 * time.Millisecond}), address, 900, 0)
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content[900:]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// What such a server says never is another byte: a reader that believed it asked again at once, for ever.
func TestAServerWhoseAnswersLeadNowhereIsLeft(t *testing.T) {
	const size, piece, mostRequests = 90_000, 4096, 100
	content := numbers(size)
	hangsUp := func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_ = conn.Close()
	}
	empty := func(w http.ResponseWriter, code int, header ...string) {
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
		w.(http.Flusher).Flush()
	}
	next := func(w http.ResponseWriter, from int, of string) {
		end := min(from+piece, size)
		part(w, fmt.Sprintf("%d-%d/%s", from, end-1, of), content[from:end])
	}
	for name, test := range map[string]struct {
		offset int64
		answer func(w http.ResponseWriter, n, from int)
		kind   error
		says   string
		length int
	}{
		"an empty whole of no length": {0, func(w http.ResponseWriter, _, _ int) { empty(w, 200) }, nil, "", 0},
		"an empty whole of a length": {0, func(w http.ResponseWriter, _, _ int) {
			_ = raw(w, "200 OK\r\nAccept-Ranges: bytes\r\nContent-Length: 90000", nil)
		}, ErrDropped, "broke after 0 bytes", 0},
		"an empty packed whole": {0, func(w http.ResponseWriter, _, _ int) { empty(w, 200, "Content-Encoding: gzip") }, nil, "", 0},
		"empty parts": {0, func(w http.ResponseWriter, _, from int) {
			part(w, fmt.Sprintf("%d-%d/%d", from, size-1, size), nil)
		}, ErrDropped, "broke after 0 bytes", 0},
		"empty parts of no length": {0, func(w http.ResponseWriter, _, from int) {
			empty(w, 206, fmt.Sprintf("Content-Range: bytes %d-%d/%d", from, size-1, size))
		}, ErrDropped, "broke after 0 bytes", 0},
		"empty parts of what has no size": {0, func(w http.ResponseWriter, _, from int) {
			empty(w, 206, fmt.Sprintf("Content-Range: bytes %d-%d/*", from, from+piece-1))
		}, ErrDropped, "broke after 0 bytes", 0},
		"empty parts after some": {0, func(w http.ResponseWriter, n, from int) {
			if n < 3 {
				next(w, from, "*")
			} else {
				empty(w, 206, fmt.Sprintf("Content-Range: bytes %d-%d/*", from, from+piece-1))
			}
		}, ErrDropped, "broke after 12288 bytes", 3 * piece},
		"416": {0, func(w http.ResponseWriter, _, _ int) { empty(w, 416) }, ErrStatus, "416", 0},
		"416 of what has more": {0, func(w http.ResponseWriter, _, _ int) {
			empty(w, 416, fmt.Sprintf("Content-Range: bytes */%d", size))
		}, ErrStatus, "416", 0},
		"416 of nothing":     {0, func(w http.ResponseWriter, _, _ int) { empty(w, 416, "Content-Range: bytes */0") }, nil, "", 0},
		"416 beyond the end": {size, func(w http.ResponseWriter, _, _ int) { empty(w, 416) }, nil, "", 0},
		"416 after parts": {0, func(w http.ResponseWriter, n, from int) {
			if n < 3 {
				next(w, from, fmt.Sprint(size))
			} else {
				empty(w, 416)
			}
		}, ErrStatus, "416", 3 * piece},
		"416 after parts of what has no size": {0, func(w http.ResponseWriter, n, from int) {
			if n < 3 {
				next(w, from, "*")
			} else {
				empty(w, 416)
			}
		}, nil, "", 3 * piece},
		"the first part again and again": {0, func(w http.ResponseWriter, _, _ int) {
			next(w, 0, fmt.Sprint(size))
		}, ErrStatus, "another part", piece},
		"the first part of what has no size again and again": {0, func(w http.ResponseWriter, _, _ int) {
			next(w, 0, "*")
		}, ErrStatus, "another part", piece},
		"the first part, asked for another": {2 * piece, func(w http.ResponseWriter, _, _ int) {
			next(w, 0, fmt.Sprint(size))
		}, ErrStatus, "another part", 0},
		"parts, then nothing": {0, func(w http.ResponseWriter, n, from int) {
			if n < 3 {
				next(w, from, fmt.Sprint(size))
			} else {
				hangsUp(w)
			}
		}, ErrDropped, "broke after 12288 bytes and could not be taken up again: the server closed the connection too early", 3 * piece},
		"parts of what has no size, then nothing": {0, func(w http.ResponseWriter, n, from int) {
			if n < 3 {
				next(w, from, "*")
			} else {
				hangsUp(w)
			}
		}, ErrDropped, "broke after 12288 bytes", 3 * piece},
		"nothing after it broke": {0, func(w http.ResponseWriter, n, from int) {
			if n == 0 {
				_ = raw(w, "200 OK\r\nAccept-Ranges: bytes\r\nContent-Length: 90000", content[:piece])
			} else {
				hangsUp(w)
			}
		}, ErrDropped, "broke after 4096 bytes", piece},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var requests atomic.Int32
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n := int(requests.Add(1))
				if n > mostRequests {
					cancel()
				}
				from, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
				at, _ := strconv.Atoi(from)
				test.answer(w, n-1, at)
			})
			r, err := client(t, Config{Stall: 2 * time.Second}).Open(ctx, address, test.offset, 0)
			var got []byte
			if err == nil {
				defer func() { _ = r.Close() }()
				got, err = io.ReadAll(r)
			}
			if !errors.Is(err, test.kind) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v after %d requests", err, requests.Load())
			}
			if len(got) != test.length || !bytes.HasPrefix(content, got) {
				t.Errorf("%d bytes, or others", len(got))
			}
		})
	}
}
