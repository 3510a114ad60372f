package container

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
)

// What is refused by its text is refused however it is read, and media are not.
func FuzzRefusedText(f *testing.F) {
	for _, seed := range []string{
		"ffconcat version 1.0\nfile a", "<?xml version='1.0'?><!DOCTYPE x>", " \n<MPD><!ENTITY", "#EXTM3U\n#EXTINF:1,\na.ts", "\x00\x00\x00\x18ftypmp42", "<svg/>", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		whole, err := refusedText(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		slowly, err := refusedText(iotest.HalfReader(bytes.NewReader(text)))
		if err != nil || slowly != whole {
			t.Errorf("%q: %q, read slowly %q, %v", text, whole, slowly, err)
		}
		if whole != "" && !strings.Contains(string(text), "<!") && !bytes.HasPrefix(text, []byte("ffconcat")) {
			t.Errorf("%q: %q", text, whole)
		}
	})
}
