package source

import (
	"errors"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
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
			var refusal *Error
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

// Sound of any lengths and times becomes whole pieces whose times rise, without
// more silence between them than is allowed.
func FuzzPieces(f *testing.F) {
	f.Add([]byte{10, 0, 20, 30, 5, 200, 255, 255, 1, 0, 0, 9}, 2)
	f.Add([]byte{1, 128, 2, 127}, 1)
	f.Fuzz(func(t *testing.T, script []byte, channels int) {
		p := pieces{channels: 1 + max(channels, -channels)&1}
		last := av.NoTime
		for len(script) >= 2 && last < time.Hour {
			count, at := int(script[0])*16, script[1]
			script = script[2:]
			start := av.NoTime
			if at < 250 {
				start = p.end() + time.Duration(int(at)-100)*time.Duration(at)*3*time.Millisecond
			}
			p.add(make([]int16, count*p.channels), start, 0)
			if len(p.ready) > int(mostSilence/pieceDuration)+count/pieceSamples+2 {
				t.Fatalf("%d pieces at once", len(p.ready))
			}
			for len(p.ready) > 0 {
				piece := p.take()
				if len(piece.Samples) != pieceSamples*p.channels || last != av.NoTime && piece.PTS < last+pieceDuration {
					t.Fatalf("%d samples at %v, after %v", len(piece.Samples), piece.PTS, last)
				}
				last = piece.PTS
				p.recycle(piece)
			}
		}
	})
}
