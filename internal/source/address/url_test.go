package address

import (
	"errors"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

func TestSecretsOfURLsAreNotShown(t *testing.T) {
	for value, want := range map[string]string{
		"http://ann:s3cret@host/a.mp4":            `URL "http://host/a.mp4"`,
		"rtsp://ann@host:554/a?token=s3cret#part": `URL "rtsp://host:554/a?…"`,
		"http://ann:s3cret@[::1":                  `URL "http:…"`,
		"http:ann:s3cret":                         `URL "http:…"`,
		"s3cret":                                  "the given value",
		"srt://host:9000?passphrase=s3cret":       `URL "srt://host:9000?…"`,
	} {
		if got := NameURL(value); got != want {
			t.Errorf("%s is called %s", value, got)
		}
	}
}

func FuzzURLs(f *testing.F) {
	for _, seed := range []string{
		"http://host/a.mp4", "https://ann:b@host:1/a?b#c", "rtsp://[::1]:554/a", "udp://@239.0.0.1:1234", "srt://:1?mode=listener",
		"file:///etc/passwd", "concat:a|b", "subfile,,start,0,end,0,,:/etc/passwd", "data:,x", "crypto+http://a/b",
		"rtmp://0/!" + strings.Repeat("\xa8", 3000), "http://a b/", "http://\x00/", "HTTP://host/", "http://host\r\nx: y/", "//host/a", "http:///a", "rtp://host", "rtmp://h/%2e%2e/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		name := NameURL(value)
		if len(name) > 2000 {
			t.Errorf("a name of %d bytes", len(name))
		}
		u, err := Check(value)
		if err != nil {
			if !errors.Is(err, refusal.ErrInvalid) {
				t.Errorf("%v", err)
			}
			return
		}
		if _, known := Schemes()[u.Scheme]; !known || u.Host == "" {
			t.Errorf("%q was taken as %v", value, u)
		}
		if password, ok := u.User.Password(); ok && len(password) > 6 && strings.Contains(name, password) &&
			!strings.Contains(u.Host+u.Path+u.Scheme, password) {
			t.Errorf("the password is in %q", name)
		}
		// What is handed to FFmpeg still is what was checked.
		if again, err := Check(u.String()); err != nil || again.Scheme != u.Scheme || again.Host != u.Host {
			t.Errorf("%q became %v: %v", value, u, err)
		}
	})
}

func TestAURLIsAsLongAsItMayBe(t *testing.T) {
	const start = "http://127.0.0.1/"
	longest := start + strings.Repeat("a", mostURL-len(start))
	if _, err := Check(longest); err != nil {
		t.Errorf("of %d bytes: %v", len(longest), err)
	}
	for _, more := range []int{1, 10 << 20} {
		_, err := Check(longest + strings.Repeat("a", more))
		if !errors.Is(err, refusal.ErrInvalid) || len(err.Error()) > 1000 {
			t.Errorf("of %d more: %.100v", more, err)
		}
	}
}
