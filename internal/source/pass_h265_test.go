package source_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

var (
	hevcMain = hevc("level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST")
	x265     = x265With("keyint=15:bframes=0", "yuv420p")
)

func hevc(parameters string) media.Codec {
	return media.Codec{MimeType: "video/H265", ClockRate: 90000, Parameters: parameters}
}

func x265With(parameters, pixels string) []string {
	return []string{
		"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", pixels, "-b:v", "300k",
		"-x265-params", "log-level=error:frame-threads=1:" + parameters,
	}
}

// hevcUnits splits Annex B, without what needs not be sent.
func hevcUnits(data []byte) (units [][]byte) {
	for _, unit := range bytes.Split(data, []byte{0, 0, 1}) {
		unit = bytes.TrimRight(unit, "\x00")
		if len(unit) == 0 {
			continue
		}
		if kind := unit[0] >> 1; kind < 32 || kind >= 32 && kind <= 34 {
			units = append(units, unit)
		}
	}
	return units
}

func TestPassedH265IsWhatFFmpegMakesAnnexBOf(t *testing.T) {
	for name, encoder := range map[string][]string{
		"hevc-hvc1.mp4": x265,
		"hevc.mkv":      x265,
		"hevc.ts":       x265,
		"hevc.hevc":     x265,
		"hevc-hev1.mp4": append([]string{"-tag:v", "hev1"}, x265With("keyint=15:bframes=0:repeat-headers=1", "yuv420p")...),
		// Keyframes that are CRA pictures, and pictures of several slices.
		"hevc-cra.mkv":    x265With("keyint=15:min-keyint=15:bframes=0:open-gop=1:scenecut=0", "yuv420p"),
		"hevc-slices.mp4": append(x265With("keyint=15:bframes=0:slices=2", "yuv420p"), "-s", "640x480"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, name, smallPicture, encoder, length("0.8"))
			want := hevcUnits(ffmpegOutput(t, "-i", path, "-c", "copy", "-bsf:v", "hevc_mp4toannexb", "-f", "hevc"))
			frames := passThrough(t, source.Spec{Value: path, Decode: forced}, hevcMain)
			var got []byte
			for i, frame := range frames {
				units := hevcUnits(frame.Data)
				if frame.Keyframe != (i%15 == 0) {
					t.Errorf("frame %d: keyframe %v", i, frame.Keyframe)
				}
				if frame.Keyframe && (units[0][0]>>1 != 32 || units[1][0]>>1 != 33 || units[2][0]>>1 != 34) {
					t.Errorf("keyframe %d without parameter sets before it", i)
				}
				got = append(got, frame.Data...)
			}
			if len(frames) != 24 {
				t.Errorf("%d frames", len(frames))
			}
			if slices := slicesOfH265(hevcUnits(got)); !equalUnits(slices, slicesOfH265(want)) {
				t.Errorf("%d slices are not FFmpeg's %d", len(slices), len(slicesOfH265(want)))
			}
			if pictures := decodedSums(t, got); !bytes.Equal(pictures, decodedFile(t, path)) {
				t.Error("they decode to other pictures than the file")
			}
		})
	}
}

// There is no encoder that could make something else of it.
func TestInterlacedH265PassesOnlyWhereItIsTold(t *testing.T) {
	path := clip(t, "hevc-interlaced.mp4", smallPicture, x265With("keyint=15:bframes=0:interlace=tff", "yuv420p"), length("0.8"))
	encoder, err := firstEncoder(t, source.Spec{Value: path}, hevcMain)
	if !errors.Is(err, media.ErrCodecUnavailable) {
		t.Errorf("decode unset gives %q, %v", encoder, err)
	}
	if encoder, err = firstEncoder(t, source.Spec{Value: path, Decode: forced}, hevcMain); encoder != passedThrough {
		t.Errorf("decode: false gives %q, %v", encoder, err)
	}
}

// Parameter sets may come more often than the file has them.
func slicesOfH265(units [][]byte) (slices [][]byte) {
	for _, unit := range units {
		if unit[0]>>1 < 32 {
			slices = append(slices, unit)
		}
	}
	return slices
}

func equalUnits(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// decodedSums are the checksums of the pictures that the ffmpeg program makes of a bare stream.
func decodedSums(t *testing.T, stream []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passed.hevc")
	if err := os.WriteFile(path, stream, 0o600); err != nil {
		t.Fatal(err)
	}
	return decodedFile(t, path)
}

func decodedFile(t *testing.T, path string) []byte {
	t.Helper()
	var sums []byte
	for line := range strings.Lines(string(ffmpegOutput(t, "-i", path, "-an", "-fps_mode", "passthrough", "-f", "framemd5"))) {
		if !strings.HasPrefix(line, "#") {
			sums = append(sums, line[strings.LastIndex(line, ",")+1:]...)
		}
	}
	return sums
}

// What of H265 passes, and what is decoded where something else was negotiated.
func TestWhichH265Passes(t *testing.T) {
	two := length("2")
	thirty := "keyint=30:bframes=0"
	level := hevc("level-id=30;profile-id=1")
	for name, test := range map[string]struct {
		name    string
		encoder []string
		codec   media.Codec
		passes  bool
		refusal string
	}{
		"fits":             {"h.mp4", x265With(thirty, "yuv420p"), hevcMain, true, ""},
		"nothing said":     {"h.mp4", x265With(thirty, "yuv420p"), hevc(""), true, ""},
		"fits Main 10":     {"h.mp4", x265With(thirty, "yuv420p"), hevc("profile-id=2"), true, ""},
		"B-frames":         {"h-b.mp4", x265With("keyint=30:bframes=2", "yuv420p"), hevcMain, false, "B-frames"},
		"B-frames in mkv":  {"h-b.mkv", x265With("keyint=30:bframes=2", "yuv420p"), hevcMain, false, "B-frames"},
		"10 bit":           {"h-10.mp4", x265With(thirty, "yuv420p10le"), hevcMain, false, "10 bit (profile Main 10)"},
		"4:4:4":            {"h-444.mp4", x265With(thirty, "yuv444p"), hevcMain, false, "not 4:2:0"},
		"other profile":    {"h.mp4", x265With(thirty, "yuv420p"), hevc("profile-id=3"), false, "profile Main was not negotiated (profile-id 3 was)"},
		"no number":        {"h.mp4", x265With(thirty, "yuv420p"), hevc("profile-id=main"), false, "no profile, tier and level"},
		"several streams":  {"h.mp4", x265With(thirty, "yuv420p"), hevc("tx-mode=MRST"), false, "in one stream (SRST)"},
		"level":            {"h.mp4", x265With(thirty, "yuv420p"), level, false, ""},
		"high tier":        {"h-t.mp4", x265With(thirty+":level-idc=4.0:high-tier=1:vbv-maxrate=14000:vbv-bufsize=14000", "yuv420p"), hevc("level-id=120"), false, ""},
		"high tier, asked": {"h-t.mp4", x265With(thirty+":level-idc=4.0:high-tier=1:vbv-maxrate=14000:vbv-bufsize=14000", "yuv420p"), hevc("level-id=120;tier-flag=1"), true, ""},
		"long groups":      {"h-g.mp4", x265With("keyint=300:bframes=0", "yuv420p"), hevcMain, false, ""},
		"other codec":      {"h.mp4", x265With(thirty, "yuv420p"), vp8, false, "it is coded as video/H265, video/VP8 was negotiated"},
		"other codec, too": {"choice.mp4", baseline, hevcMain, false, "it is coded as video/H264, video/H265 was negotiated"},
	} {
		t.Run(name, func(t *testing.T) {
			duration := two
			if name == "long groups" {
				duration = length("4")
			}
			path := clip(t, test.name, smallPicture, test.encoder, duration)
			for _, decode := range []*bool{nil, forced, new(true)} {
				encoder, err := firstEncoder(t, source.Spec{Value: path, Decode: decode}, test.codec)
				decodes := decode == nil && !test.passes || decode != nil && *decode
				switch {
				case decode == forced && test.refusal != "":
					if !errors.Is(err, source.ErrNotSupported) || !strings.Contains(err.Error(), test.refusal) {
						t.Errorf("decode: false gives %q, %v", encoder, err)
					}
				case decodes && test.codec.MimeType == hevcMain.MimeType:
					// There is no encoder.
					if !errors.Is(err, media.ErrCodecUnavailable) || !strings.Contains(err.Error(), "video/H265") {
						t.Errorf("it gives %q, %v", encoder, err)
					}
				case decodes && (err != nil || encoder != "libvpx"):
					t.Errorf("it gives %q, %v", encoder, err)
				case !decodes && (err != nil || encoder != passedThrough):
					t.Errorf("it gives %q, %v", encoder, err)
				}
			}
		})
	}
}
