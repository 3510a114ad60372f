package address

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

func TestPathsAndFileURLs(t *testing.T) {
	for value, want := range map[string]string{
		"/a/b.mp4":                   "/a/b.mp4",
		"/a/../b//c.mp4":             "/b/c.mp4",
		"/a/b%20c.mp4":               "/a/b%20c.mp4",
		"/a:b":                       "/a:b",
		"file:///a/b%20c.mp4":        "/a/b c.mp4",
		"file:///a/%C3%A4.mp4":       "/a/ä.mp4",
		"FILE:///a":                  "/a",
		"file:/a/b":                  "/a/b",
		"file://localhost/a":         "/a",
		"file:///a/b%3Fc%23d%25.mp4": "/a/b?c#d%.mp4",
		// What is not there is what RFC 8089 says, as far as it says anything.
		"file://host/a":                 "/host/a",
		"file://user@/a":                "/user@/a",
		"file:///a?b":                   "/a?b",
		"file:///a%20b?":                "/a b?",
		"file:///a#b":                   "/a#b",
		"file:///a%2Fb":                 "/a%2Fb",
		"file:///a%2fb":                 "/a%2fb",
		"file:///a%zz":                  "/a%zz",
		"file:///a%00b":                 "/a%00b",
		"file:///":                      "/",
		"/subfile,,start,0,end,1,,:/x":  "/subfile,,start,0,end,1,,:/x",
		"/concat:/etc/passwd|/etc/shad": "/concat:/etc/passwd|/etc/shad",
	} {
		if got, err := LocalPath(value); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", value, got, err, want)
		}
	}
	for value, says := range map[string]string{
		"":                       "empty",
		"a.mp4":                  "relative",
		"./a.mp4":                "relative",
		"~/a.mp4":                "relative",
		"file:a.mp4":             "relative",
		"file:":                  "relative",
		"file:///a\x00b":         "NUL",
		"/a\x00b":                "NUL",
		"ftp://host/a":           "expected one of http",
		"concat:http://a|file:b": "expected one of http",
		"concat:/etc/passwd":     "relative",
		"subfile,,start,0,,:/x":  "relative",
		"data:text/plain,x":      "relative",
		"pipe:0":                 "relative",
		strings.Repeat("x", 999): "relative",
	} {
		_, err := LocalPath(value)
		if !errors.Is(err, refusal.ErrInvalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v; want %q", value, err, says)
		}
		if err != nil && len(err.Error()) > 600 {
			t.Errorf("a message of %d bytes", len(err.Error()))
		}
	}
}

// Both spellings of a name may be files, and FFmpeg takes a file: URL as it is.
func TestAFileURLIsTheFileOfThatNameBeforeTheDecodedOne(t *testing.T) {
	folder := t.TempDir()
	write := func(names ...string) {
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect := func(value, name string) {
		t.Helper()
		if got, err := LocalPath(value); err != nil || got != filepath.Join(folder, name) {
			t.Errorf("%q is %q, %v", value, got, err)
		}
	}
	names := map[string]string{
		"a b.mp4": "a%20b.mp4", "c#d.mp4": "c%23d.mp4", "e?f.mp4": "e%3Ff.mp4", "100%.mp4": "100%25.mp4",
		"ä+.mp4": "%C3%A4+.mp4", "x%2Fy.mp4": "x%2Fy.mp4", "host:80@z.mp4": "host%3A80%40z.mp4",
	}
	for plain, encoded := range names {
		write(plain)
		for _, begin := range []string{"file:", "file://", "File://localhost", "file:/"} {
			expect(begin+folder+"/"+plain, plain)
			expect(begin+folder+"/"+encoded, plain)
		}
	}
	for plain, encoded := range names {
		write(encoded)
		expect("file:"+folder+"/"+encoded, encoded)
		expect("file:"+folder+"/"+plain, plain)
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/a", "file:///a%20b", "file://h/a", "file:///%2e%2e/a", "a", "file:", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		path, err := LocalPath(value)
		if err != nil {
			if path != "" || !errors.Is(err, refusal.ErrInvalid) {
				t.Errorf("%q: %q, %v", value, path, err)
			}
			return
		}
		if !filepath.IsAbs(path) || filepath.Clean(path) != path || strings.ContainsRune(path, 0) {
			t.Errorf("%q gives %q", value, path)
		}
		if value[0] != '/' && !strings.EqualFold(value[:5], "file:") {
			t.Errorf("%q is neither a path nor a file: URL", value)
		}
	})
}
