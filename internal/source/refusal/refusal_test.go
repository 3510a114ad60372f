package refusal

import (
	"strings"
	"testing"
)

func TestWhatIsQuotedHasNothingSecretOfAURL(t *testing.T) {
	for value, want := range map[string]string{
		"/dev/video0":                       `"/dev/video0"`,
		"hw:1,0":                            `"hw:1,0"`,
		"rtsp://ann:s3cret@host/1?x=s3cret": `"rtsp://…@host/1?…"`,
		"http://host/a#s3cret":              `"http://host/a#…"`,
		"concat:http://ann:s3cret@host/a|b": `"concat:…@host/a|b"`,
		"rtsp://ann:s3@cret@host":           `"rtsp://…@host"`,
		"/tmp/rtsp:/ann:s3cret@host":        `"/tmp/rtsp:/…@host"`,
		"rtsp://ann:s3cret@host\n?a=s3cret": `"rtsp://…@host\n?…"`,
	} {
		if got := Quote(value); got != want {
			t.Errorf("%q is shown as %s", value, got)
		}
	}
	if got := Quote(strings.Repeat("x", 400)); len(got) > 310 {
		t.Errorf("%d bytes long", len(got))
	}
}
