package fetch

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answered is what a response says of the bytes that it brings.
type answered struct {
	status int
	// start is where they begin, part where they end if that is told (0: not), size that of
	// the whole, or -1.
	start, part, size int64
	ranges            bool
	// version is what If-Range takes, "" where nothing identifies the content.
	version string
}

// accept learns from the answer what can be read. Each sign of life stops stall for a while.
func (r *Resource) accept(response *http.Response, stall *time.Timer) error {
	a, err := r.answer(response)
	if err != nil {
		return err
	}
	changed := &Error{Kind: ErrChanged, Message: "the server has replaced it while it was read"}
	switch {
	case r.began && a.size >= 0 && r.size >= 0 && a.size != r.size && !a.over(r.read):
		return changed
	case r.began && a.version != "" && r.version != "" && a.version != r.version:
		return changed
	case a.start == r.position:
	case a.status == http.StatusPartialContent && (a.start != 0 || a.part <= r.position):
		return &Error{Kind: ErrStatus, Message: "the server sends another part than was asked for"}
	case r.began && a.size < 0 && a.version == "":
		return changed
	default:
		// All instead of a part: what comes before is read and left out.
		if _, err := io.CopyN(io.Discard, &patient{response.Body, stall, r.client.config.Stall}, r.position); err != nil {
			return err
		}
	}
	if !r.began {
		r.live, r.contentType = isLive(response), response.Header.Get("Content-Type")
	}
	if r.began && a.over(r.read) {
		r.ends = a.size
	} else {
		r.size = a.size
	}
	r.part, r.version = a.part, a.version
	// One of several servers may know none.
	r.ranges = a.ranges || r.began && r.ranges
	r.began = true
	r.location = response.Request.URL
	return nil
}

// over reports whether the server says that it ends sooner than it said, but not before what was read.
func (a answered) over(read int64) bool {
	return a.status == http.StatusRequestedRangeNotSatisfiable && a.size >= read
}

// answer reads the response's status and headers.
func (r *Resource) answer(response *http.Response) (answered, error) {
	a := answered{
		status: response.StatusCode, size: response.ContentLength, version: versionOf(response.Header),
		ranges: strings.EqualFold(response.Header.Get("Accept-Ranges"), "bytes"),
	}
	switch a.status {
	case http.StatusPartialContent:
		start, last, size, ok := contentRange(response)
		if !ok || last < start {
			return a, &Error{Kind: ErrStatus, Message: "the server answered 206 without saying which part it sends"}
		}
		a.start, a.part, a.size, a.ranges = start, last+1, size, true
	case http.StatusRequestedRangeNotSatisfiable:
		// Nothing lies there: the end, or an empty file.
		_ = response.Body.Close()
		response.Body = http.NoBody
		a.start, a.size, a.ranges = r.position, r.size, true
		if _, _, size, ok := contentRange(response); ok && size >= 0 {
			a.size = size
		}
		if a.size > r.position || a.size < 0 && r.position == 0 {
			return a, statusError(response)
		}
	default:
		return a, statusError(response)
	}
	return a, nil
}

func versionOf(header http.Header) string {
	if version := header.Get("ETag"); version != "" && !strings.HasPrefix(version, "W/") {
		return version
	}
	return header.Get("Last-Modified")
}

// patient reads what may take its time, as long as something comes.
type patient struct {
	io.Reader
	stall *time.Timer
	limit time.Duration
}

func (p *patient) Read(data []byte) (int, error) {
	n, err := p.Reader.Read(data)
	p.stall.Reset(p.limit)
	return n, err
}

// contentRange reads RFC 9110, section 14.4; size is -1 for *, and last where no part is named.
func contentRange(response *http.Response) (start, last, size int64, ok bool) {
	unit, rest, _ := strings.Cut(response.Header.Get("Content-Range"), " ")
	part, whole, found := strings.Cut(rest, "/")
	if !strings.EqualFold(unit, "bytes") || !found {
		return 0, 0, 0, false
	}
	size = -1
	if whole != "*" {
		n, err := strconv.ParseUint(whole, 10, 63)
		if err != nil {
			return 0, 0, 0, false
		}
		size = int64(n)
	}
	if part == "*" {
		return 0, -1, size, true
	}
	first, final, found := strings.Cut(part, "-")
	a, err := strconv.ParseUint(first, 10, 63)
	b, err2 := strconv.ParseUint(final, 10, 63)
	if !found || err != nil || err2 != nil || b < a || size >= 0 && int64(b) >= size {
		return 0, 0, 0, false
	}
	return int64(a), int64(b), size, true
}
