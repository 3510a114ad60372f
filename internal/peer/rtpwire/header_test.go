package rtpwire

import (
	"encoding/hex"
	"testing"
)

func TestHeaderExtensionsOfBothForms(t *testing.T) {
	for name, of := range map[string]struct{ packet, want string }{
		"one byte":             {"900000000000000000000000bede0002" + "22aabbcc" + "00a08500" + "ff", "85"},
		"two bytes":            {"90000000000000000000000010000002" + "0203aabb" + "cc0a0185" + "ff", "85"},
		"a length beyond":      {"900000000000000000000000bede0001" + "afaabbcc" + "ff", ""},
		"padding of a length":  {"900000000000000000000000bede0002" + "01aabba0" + "85000000" + "ff", ""},
		"none of that number":  {"900000000000000000000000bede0001" + "10aa0000" + "ff", ""},
		"no header extensions": {"800000000000000000000000" + "a085", ""},
	} {
		packet, err := hex.DecodeString(of.packet)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(Extension(packet, 10)); got != of.want {
			t.Errorf("%s: %q, want %q", name, got, of.want)
		}
	}
}
