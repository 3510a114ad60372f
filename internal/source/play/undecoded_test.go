package play

import (
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

func TestWhatADecoderMakesNothingOfEndsInItsTime(t *testing.T) {
	never := 5 * time.Minute
	for name, test := range map[string]struct {
		// begins is at which packet a decoder could begin, decodes at which it does; -1 is at none.
		begins, decodes int
		ends            time.Duration
		says            string
	}{
		"no keyframe":                {-1, -1, mostUnbegun, "no keyframe"},
		"a keyframe at once":         {0, -1, mostUndecoded, "no video could be decoded"},
		"a keyframe after a minute":  {60, -1, time.Minute + mostUndecoded, "no video could be decoded"},
		"decoded after a minute":     {60, 61, time.Minute + 2*time.Second + mostUndecoded, "no video could be decoded"},
		"decoded without a keyframe": {-1, 5, 6*time.Second + mostUndecoded, "no video could be decoded"},
	} {
		u, ended := undecoded{}, never
		for i := range int(never / time.Second) {
			at := time.Duration(i) * time.Second
			if u.given(&av.Packet{DTS: at, PTS: av.NoTime}, i == test.begins) {
				ended = at
				break
			}
			if i == test.decodes {
				u.none()
			}
		}
		if late := ended - test.ends; late < 0 || late > time.Second {
			t.Errorf("%s: ended after %v, want %v", name, ended, test.ends)
		}
		if err := u.reason(media.Video); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
		u.restart()
		if u.reason(media.Video) != nil || u.begun {
			t.Errorf("%s: something is left", name)
		}
	}
}
