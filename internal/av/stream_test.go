package av

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestPicturesThatAreNotShownAsTheyAreCoded(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		want      bool
	}{
		"plain.mp4":      {[]string{"-c:v", "libx264", "-pix_fmt", "yuv420p"}, true},
		"plain.webm":     {[]string{"-c:v", "libvpx", "-c:a", "libopus"}, true},
		"wide.mp4":       {[]string{"-vf", "setsar=2", "-c:v", "libx264", "-pix_fmt", "yuv420p"}, false},
		"interlaced.mkv": {[]string{"-c:v", "libx264", "-pix_fmt", "yuv420p", "-flags", "+ildct", "-x264-params", "tff=1", "-field_order", "tt"}, false},
	} {
		d := open(t, clip(t, name, test.arguments...))
		for _, s := range d.Streams() {
			if s.Kind == media.Video && s.ShownAsCoded() != test.want {
				t.Errorf("%s: %v", name, s.ShownAsCoded())
			}
			if !s.Decodable() || s.Preference() < 1 {
				t.Errorf("%s: %s can't be decoded", name, s.Codec)
			}
		}
	}
}
