package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

const (
	// mostResumed is how often reading is taken up again without having got
	// resumeGain bytes in between.
	mostResumed = 4
	resumeGain  = 1 << 20
	// resumePause is before an attempt, as often as there were some in a row.
	resumePause = 200 * time.Millisecond
	// skipAhead is how far forward reading on costs less than a new request.
	skipAhead = 256 << 10
	// mostHead is how far blanks may reach before a playlist begins.
	mostHead = 4 << 10
	// mostPlaylist bounds what demuxers read to the end before they give anything.
	mostPlaylist = 8 << 20
)

// Resource is what a URL gave: bytes, from anywhere if the server knows ranges.
// It is not safe for concurrent use.
type Resource struct {
	client *Client
	// ctx ends reads, which have none of their own.
	ctx context.Context
	url *url.URL
	// location is where redirects led.
	location *url.URL

	// position is that of the next read, end where reading ends (0: at the size).
	position, end int64
	// size of the whole is -1 where it isn't known.
	size   int64
	ranges bool
	// version is what If-Range takes, "" where nothing identifies the content.
	version string

	body io.ReadCloser
	// cancel ends the request of body, stall does so after too long a silence.
	cancel context.CancelCauseFunc
	asking context.Context
	stall  *time.Timer

	live        bool
	contentType string

	// read is the end of what was read, ends where the server has nothing more, sooner than it said (0: not).
	read, ends int64
	// part is where the part that the server sends is over, 0 where it didn't say. It lies after what was read before.
	part int64
	// resumed counts how often it broke, attempts those since there was a byte, and quiet
	// is since when there is none.
	resumed, attempts int
	gained            int
	quiet             time.Time

	playlist, xml bool
	// head is what came first, until it is long enough to tell what it is.
	head         []byte
	declarations Declarations
	began        bool
	total        int64
}

// Size is -1 where it isn't known.
func (r *Resource) Size() int64 {
	size := r.size
	for _, end := range []int64{r.end, r.ends} {
		if end > 0 && size > end {
			size = end
		}
	}
	return size
}

// Seekable reports whether Seek can go anywhere.
func (r *Resource) Seekable() bool { return r.ranges && r.size >= 0 }

// Location is the URL that redirects led to, without the credentials of another.
func (r *Resource) Location() string {
	location := *r.location
	if location.User == nil && location.Scheme == r.url.Scheme && location.Host == r.url.Host {
		location.User = r.url.User
	}
	return location.String()
}

// Live reports whether it comes as it is made, for ever.
func (r *Resource) Live() bool { return r.live }

// ContentType is what the server says that it is.
func (r *Resource) ContentType() string { return r.contentType }

// request opens the body at position.
func (r *Resource) request() error {
	r.drop()
	asking, cancel := context.WithCancelCause(r.ctx)
	stall := recovery.Timer(r.ctx, "see a stall", r.client.config.Stall, func() { cancel(ErrStalled) })
	fail := func(err error) error {
		stall.Stop()
		err = Explain(asking, err)
		cancel(err)
		return err
	}
	request, err := r.client.newRequest(asking, r.url, r.position, r.end)
	if err != nil {
		return fail(err)
	}
	if r.began && r.version != "" {
		request.Header.Set("If-Range", r.version)
	}
	response, err := r.client.http.Do(request)
	if err != nil {
		return fail(err)
	}
	err = unpack(response)
	if err == nil {
		err = r.accept(response, stall)
	}
	if err != nil {
		_ = response.Body.Close()
		return fail(err)
	}
	stall.Stop()
	r.body, r.asking, r.cancel, r.stall = withoutTitles(response), asking, cancel, stall
	return nil
}

// Read takes up again what broke, where the server can.
func (r *Resource) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, Explain(r.ctx, r.ctx.Err())
	}
	for {
		if r.over() || len(p) == 0 {
			return 0, io.EOF
		}
		if r.end > 0 && int64(len(p)) > r.end-r.position {
			p = p[:r.end-r.position]
		}
		n, err := r.readOnce(p)
		if n > 0 {
			return n, r.count(p[:n])
		}
		// A request that failed has no body, and may have failed with io.EOF too.
		if r.body != nil && errors.Is(err, io.EOF) {
			switch {
			case r.over(), r.size < 0 && r.part == 0:
				return 0, io.EOF
			case r.part > 0 && r.position >= r.part:
				// All of a part, of a byte at least: a server may send less than was asked for.
				r.drop()
				continue
			}
		}
		if err := r.resume(err); err != nil {
			return 0, err
		}
	}
}

func (r *Resource) over() bool {
	end := r.Size()
	return end >= 0 && r.position >= end || r.end > 0 && r.position >= r.end
}

func (r *Resource) readOnce(p []byte) (int, error) {
	if r.body == nil {
		if err := r.request(); err != nil {
			return 0, err
		}
	}
	r.stall.Reset(r.client.config.Stall)
	n, err := r.body.Read(p)
	r.stall.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = Explain(r.asking, err)
	}
	if n == 0 && err == nil {
		err = io.ErrNoProgress
	}
	return n, err
}

// resume waits a little before the next attempt, or tells why there is none.
func (r *Resource) resume(err error) error {
	r.drop()
	told := &Error{}
	if errors.As(err, &told) && !told.passing {
		return err
	}
	if r.gained > 0 || r.attempts == 0 {
		r.resumed++
		r.attempts, r.quiet = 0, time.Now()
	}
	r.attempts++
	// What waits for a byte for as long as the server may be silent tells of that only.
	if !r.ranges || r.resumed > mostResumed || time.Since(r.quiet) > r.client.config.Stall/2 {
		message := fmt.Sprintf("the connection broke after %d bytes and could not be taken up again", r.position)
		if r.ranges && told.Message != "" {
			message += ": " + told.Message
		}
		return &Error{Kind: ErrDropped, Message: message, Cause: err}
	}
	r.gained = 0
	select {
	case <-time.After(resumePause * time.Duration(r.attempts)):
		return nil
	case <-r.ctx.Done():
		return Explain(r.ctx, r.ctx.Err())
	}
}

// count moves on, and bounds playlists.
func (r *Resource) count(p []byte) error {
	fresh := p
	if r.head != nil || r.total == 0 {
		// The first reads may be short.
		r.head = append(r.head, p[:min(len(p), mostHead-len(r.head))]...)
		r.playlist = isPlaylist(r.head)
		if !r.xml && IsXML(r.head) {
			r.xml = true
			fresh = append(bytes.Clone(r.head[:min(int(r.total), len(r.head))]), p...)
		}
		if len(r.head) == mostHead {
			r.head = nil
		}
	}
	r.position += int64(len(p))
	r.read = max(r.read, r.position)
	r.total += int64(len(p))
	if r.gained += len(p); r.gained >= resumeGain {
		r.resumed = 0
	}
	if r.xml && r.declarations.Found(fresh) {
		return &Error{Kind: ErrDeclares, Message: "the manifest declares a document type or entities, which none needs"}
	}
	if r.playlist && r.total > mostPlaylist {
		return &Error{Kind: ErrTooLarge, Message: fmt.Sprintf("the playlist is larger than %d MiB", mostPlaylist>>20)}
	}
	return nil
}

func isPlaylist(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return slices.ContainsFunc([]string{"#EXTM3U", "<?xml", "<MPD", "ffconcat", "v=0"}, func(beginning string) bool {
		return bytes.HasPrefix(head, []byte(beginning))
	})
}

// Seek goes to a position; the next Read asks for it.
func (r *Resource) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.position
	case io.SeekEnd:
		if r.size < 0 {
			return 0, &Error{Kind: ErrStatus, Message: "the server does not tell how long it is"}
		}
		offset += r.Size()
	}
	if offset < 0 {
		return 0, &Error{Kind: ErrStatus, Message: "a seek before the beginning"}
	}
	if offset == r.position {
		return offset, nil
	}
	if !r.Seekable() {
		return 0, &Error{Kind: ErrStatus, Message: "the server gives it from the beginning only"}
	}
	for r.body != nil && offset > r.position && offset-r.position <= skipAhead {
		skip := make([]byte, min(offset-r.position, 32<<10))
		n, err := r.readOnce(skip)
		r.position += int64(n)
		if err != nil {
			r.drop()
		}
	}
	if offset != r.position {
		r.drop()
		r.position = offset
	}
	return offset, nil
}

// drop ends the request.
func (r *Resource) drop() {
	if r.body == nil {
		return
	}
	r.stall.Stop()
	r.cancel(context.Canceled)
	_ = r.body.Close()
	r.body = nil
}

// Close may be called twice.
func (r *Resource) Close() error {
	r.drop()
	return nil
}
