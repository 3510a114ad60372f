package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

func client(t testing.TB, config Config) *Client {
	t.Helper()
	if config.Stall == 0 {
		config.Stall = 10 * time.Second
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// numbers is content whose bytes tell where they are.
func numbers(n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "%08d", b.Len())
	}
	return b.Bytes()[:n]
}

func ranged(content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

func open(t testing.TB, c *Client, address string, offset, end int64) *Resource {
	t.Helper()
	r, err := c.Open(t.Context(), address, offset, end)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestAnyPartIsRead(t *testing.T) {
	content := numbers(1 << 20)
	r := open(t, client(t, Config{}), serve(t, ranged(content)), 0, 0)
	if r.Size() != int64(len(content)) || !r.Seekable() {
		t.Fatalf("size %d, seekable %v", r.Size(), r.Seekable())
	}
	piece := make([]byte, 1000)
	for _, at := range []int64{0, 500_000, 100, 110_000, 110_500, 1<<20 - 1000, 7} {
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, piece); err != nil || !bytes.Equal(piece, content[at:at+1000]) {
			t.Errorf("at %d: %v", at, err)
		}
	}
	if at, err := r.Seek(-10, io.SeekEnd); err != nil || at != 1<<20-10 {
		t.Errorf("%d, %v", at, err)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) != 10 {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("a seek before the beginning")
	}
	if at, err := r.Seek(2<<20, io.SeekStart); err != nil || at != 2<<20 {
		t.Error(err)
	}
	if n, err := r.Read(piece); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("beyond the end: %d, %v", n, err)
	}
}

func TestAWindowIsRead(t *testing.T) {
	content := numbers(100_000)
	for name, handler := range map[string]http.HandlerFunc{
		"ranges": ranged(content),
		"none":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) },
	} {
		r := open(t, client(t, Config{}), serve(t, handler), 50_000, 50_100)
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content[50_000:50_100]) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestAnEmptyFileIsEmpty(t *testing.T) {
	r := open(t, client(t, Config{}), serve(t, ranged(nil)), 0, 0)
	if got, err := io.ReadAll(r); err != nil || len(got) != 0 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestWhatWasReplacedIsNotTakenUp(t *testing.T) {
	var version atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, version.Add(1)))
		http.ServeContent(&cut{ResponseWriter: w, left: 50_000}, r, "", time.Time{}, bytes.NewReader(numbers(100_000)))
	})
	r := open(t, client(t, Config{}), address, 0, 0)
	if _, err := io.ReadAll(r); !errors.Is(err, ErrChanged) {
		t.Error(err)
	}
}

// cut ends the connection after some bytes.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p[:min(len(p), c.left)])
	if c.left -= n; c.left <= 0 {
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func TestBreakingAgainAndAgainEnds(t *testing.T) {
	var requests atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(&cut{ResponseWriter: w, left: 100}, r, "", time.Time{}, bytes.NewReader(numbers(1<<20)))
	})
	r := open(t, client(t, Config{}), address, 0, 0)
	if _, err := io.ReadAll(r); !errors.Is(err, ErrDropped) {
		t.Error(err)
	}
	if n := requests.Load(); n != 1+mostResumed {
		t.Errorf("%d requests", n)
	}
}

func TestSilenceIsAStall(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("x"))
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	})
	c := client(t, Config{Stall: 200 * time.Millisecond})
	if _, err := c.Open(t.Context(), address, 0, 0); !errors.Is(err, ErrStalled) {
		t.Errorf("before the answer: %v", err)
	}
	r := open(t, c, address+"/body", 0, 0)
	if _, err := io.ReadAll(r); !errors.Is(err, ErrStalled) {
		t.Errorf("within the answer: %v", err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("x"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	reason := errors.New("the test's")
	ctx, cancel := context.WithCancelCause(t.Context())
	r, err := client(t, Config{}).Open(ctx, address, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if _, err := r.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { cancel(reason) })
	for range 2 {
		if _, err := r.Read(make([]byte, 1)); !errors.Is(err, reason) {
			t.Error(err)
		}
	}
}

func TestPlaylistsAreBounded(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write([]byte("#EXTM3U\n"))
		for line := []byte(strings.Repeat("#EXTINF:1,\na.ts\n", 1000)); err == nil; {
			_, err = w.Write(line)
		}
	})
	r := open(t, client(t, Config{}), address, 0, 0)
	if n, err := io.Copy(io.Discard, r); !errors.Is(err, ErrTooLarge) || n > mostPlaylist+64<<10 {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// What comes first may be a single byte, or blanks for long.
func TestAPlaylistIsBoundedHoweverItBegins(t *testing.T) {
	for name, beginning := range map[string][]string{
		"a byte":              {"#", "EXTM3U\n"},
		"half of its name":    {"#EXT", "M3U\n"},
		"each byte":           strings.Split("#EXTM3U", ""),
		"a part of its mark":  {"\xef", "\xbb\xbf#EXTM3U"},
		"blanks":              {"\n", " \r\n", "#EXTM3U"},
		"a manifest's bytes":  {"<", "MPD>"},
		"a description's":     {"v", "=0\r\n"},
		"XML after its mark":  {"\xef\xbb\xbf", "<?x", "ml?>"},
		"many blanks, and it": {strings.Repeat(" ", 3000), strings.Repeat("\n", 1000), "#EXTM3U"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Resource{size: -1}
			var err error
			total := 0
			feed := func(piece string) {
				if err == nil {
					total += len(piece)
					err = r.count([]byte(piece))
				}
			}
			for _, piece := range beginning {
				feed(piece)
			}
			for err == nil && total < 2*mostPlaylist {
				feed(strings.Repeat("#\n", 50_000))
			}
			if !errors.Is(err, ErrTooLarge) || total > mostPlaylist+100_000 {
				t.Errorf("%v after %d bytes", err, total)
			}
		})
	}
	// Entities that begin within the first bytes, cut anywhere.
	text := "\xef\xbb\xbf <!DOCTYPE a>"
	for cut := range len(text) {
		r := &Resource{size: -1}
		if err := errors.Join(r.count([]byte(text[:cut])), r.count([]byte(text[cut:]))); !errors.Is(err, ErrDeclares) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	media := &Resource{size: -1}
	for range 200 {
		if err := media.count(bytes.Repeat([]byte{0x47}, 100_000)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManifestsDeclareNothing(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><MPD>&b;</MPD>`
	for name, test := range map[string]struct {
		content  string
		declares bool
	}{
		"entities":         {bomb, true},
		"beyond a comment": {"\xef\xbb\xbf <!-- " + strings.Repeat("x", 100_000) + " -->" + bomb[len(`<?xml version="1.0"?>`):], true},
		"a manifest":       {`<?xml version="1.0"?><MPD><Period/></MPD>`, false},
		"no manifest":      {"#EXTM3U\n#" + bomb, false},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				// In pieces, so that a declaration is cut.
				for piece := range slices.Chunk([]byte(test.content), 29) {
					_, _ = w.Write(piece)
					w.(http.Flusher).Flush()
				}
			})
			_, err := io.Copy(io.Discard, open(t, client(t, Config{}), address, 0, 0))
			if errors.Is(err, ErrDeclares) != test.declares || !test.declares && err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsAskedWith(t *testing.T) {
	seen := make(chan http.Header, 10)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { seen <- r.Header.Clone() })
	home, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	config := Config{
		UserAgent: "test", Home: home, Cookies: "a=b; path=/\nc=d; domain=example.org\n",
		Header: http.Header{"X-One": {"1"}, "Authorization": {"Bearer s3cret"}},
	}
	open(t, client(t, config), address, 0, 0)
	got := <-seen
	if got.Get("User-Agent") != "test" || got.Get("X-One") != "1" || got.Get("Cookie") != "a=b" ||
		got.Get("Authorization") != "Bearer s3cret" || got.Get("Range") != "bytes=0-" {
		t.Errorf("%v", got)
	}
	// A playlist may point elsewhere: what proves who asks doesn't go there.
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) { seen <- r.Header.Clone() })
	open(t, client(t, config), elsewhere, 0, 0)
	if got := <-seen; got.Get("Authorization") != "" || got.Get("X-One") != "1" {
		t.Errorf("%v", got)
	}
	if _, err := New(Config{Cookies: "no cookie at all"}); err == nil {
		t.Error("took a cookie that is none")
	}
}

func TestOtherSchemesAreRefused(t *testing.T) {
	c := client(t, Config{})
	for _, address := range []string{"file:///etc/passwd", "ftp://host/a", "data:,x", "//host", "", "http://"} {
		if _, err := c.Open(t.Context(), address, 0, 0); !errors.Is(err, ErrScheme) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func FuzzContentRanges(f *testing.F) {
	for _, seed := range []string{"bytes 0-9/10", "bytes 0-9/*", "bytes */10", "bytes 9-0/10", "bytes -1-2/3", "bytes 0-99999999999999999999/1", "x", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		start, last, size, ok := contentRange(&http.Response{Header: http.Header{"Content-Range": {value}}})
		if ok && (start < 0 || last < start && last != -1 || size < -1) {
			t.Errorf("%q: %d, %d, %d", value, start, last, size)
		}
	})
}

// What a server claims is not taken memory for.
func TestClaimedSizesCostNothing(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(4<<30))
		_, _ = w.Write([]byte("0123456789"))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	r := open(t, client(t, Config{}), address, 0, 0)
	if got, err := io.ReadAll(r); !errors.Is(err, ErrDropped) || len(got) != 10 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
