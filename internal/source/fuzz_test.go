package source

import (
	"errors"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// A Spec is checked and keyed whatever is in it, and different options make
// different sources.
func FuzzSpec(f *testing.F) {
	f.Add("file", "/a.mp4", "", "audio_stream", "1")
	f.Add("file", "/a.mp4", "lavfi", "", "")
	f.Add("url", "http://127.0.0.1/a", "", "user_agent", "x")
	f.Add("device", "", "v4l2", "framerate", "30")
	f.Add("file", "file:///a", "", "video_stream", "-1")
	f.Add("tape", "", "", "audio_stream", "99999999999999999999")
	f.Fuzz(func(t *testing.T, kind, value, format, name, option string) {
		spec := Spec{Type: kind, Value: value, Format: format, Options: map[string]string{name: option}}
		checked, err := spec.check()
		if err != nil {
			var refusal *refusal.Error
			if !errors.As(err, &refusal) || refusal.Message == "" {
				t.Fatalf("%+v: %v", spec, err)
			}
			return
		}
		other := spec
		other.Options = map[string]string{name: option + "x"}
		if spec.key(checked) == other.key(checked) {
			t.Fatalf("%+v: the key is %q, and %q with another option", spec, spec.key(checked), other.key(checked))
		}
	})
}

func FuzzSpecKey(f *testing.F) {
	f.Add("/a", "o", "p", "/b", "q", "r")
	f.Fuzz(func(t *testing.T, path1, name1, value1, path2, name2, value2 string) {
		one := Spec{Type: "file", Options: map[string]string{name1: value1}}
		two := Spec{Type: "file", Options: map[string]string{name2: value2}}
		equal := path1 == path2 && name1 == name2 && value1 == value2
		if (one.key(path1) == two.key(path2)) != equal {
			t.Errorf("keys of %q and %q", one.key(path1), two.key(path2))
		}
	})
}
