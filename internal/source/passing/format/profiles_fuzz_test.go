package format

import (
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Parameter sets and parameters of any kind have a name, or none, and what they say is within what their syntax can say.
func FuzzParameterSets(f *testing.F) {
	f.Add([]byte{0x67, 0x64, 0, 0x0c, 0xac, 0xd9, 0x41, 0x51, 0x9e, 0x22, 0x6c, 4, 0x40}, "packetization-mode=1;profile-level-id=42e01f")
	f.Add([]byte{0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3c, 0xa0, 0x0a, 0x48, 0x0b, 0x9c}, "profile-id=1;tier-flag=0;level-id=93;tx-mode=srst")
	f.Add([]byte{0x0a, 1, 0}, "profile=0;level-idx=5;tier=0;=;;a")
	f.Fuzz(func(t *testing.T, unit []byte, parameters string) {
		if sps, err := parseSPS(unit); err == nil && (sps.profileName() == "" || sps.levelName() == "") {
			t.Errorf("%+v has no name", sps)
		}
		if sps, err := parseH265SPS(unit); err == nil &&
			(sps.profileName() == "" || sps.bitDepth < 8 || sps.bitDepth > 16 || sps.chromaFormat < 0 || sps.chromaFormat > 4 ||
				sps.reordered < 0 || sps.reordered > 1<<16) {
			t.Errorf("%+v", sps)
		}
		for _, codec := range []string{"h264", "hevc", "av1", ""} {
			Profile(codec, unit, unit)
			Profile(codec, nil, append([]byte{0, 0, 0, 1}, unit...))
		}
		named := Parameters(media.Codec{Parameters: parameters})
		for name := range named {
			if strings.ToLower(name) != name || strings.ContainsAny(name, ";=") {
				t.Errorf("a parameter %q", name)
			}
		}
		if got, ok := parseH265Parameters(named); ok && (got.profile < 0 || got.profile > 31 || got.level < 0 || got.level > 255) {
			t.Errorf("%+v", got)
		}
		if profile, ok := parseProfileLevelID(named["profile-level-id"]); ok {
			if kind, level := profile.kind(), profile.level(); kind < 0 || level < 0 {
				t.Errorf("kind %v and level %v", kind, level)
			}
		}
	})
}
