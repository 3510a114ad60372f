package source_test

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what FFmpeg's framemd5 prints
	"encoding/hex"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// The parts of clips that pass.
var (
	smallPicture = []string{"-f", "lavfi", "-i", "testsrc2=s=320x240:r=30"}
	baseline     = []string{
		"-c:v", "libx264", "-preset", "veryfast", "-profile:v", "baseline", "-pix_fmt", "yuv420p",
		"-g", "15", "-b:v", "300k",
	}
	libopus = []string{"-c:a", "libopus", "-b:a", "48k"}
	forced  = new(bool)
)

var (
	av1       = media.Codec{MimeType: "video/AV1", ClockRate: 90000}
	g722      = media.Codec{MimeType: "audio/G722", ClockRate: 8000, Channels: 1}
	avc42e01f = media.Codec{
		MimeType: "video/H264", ClockRate: 90000,
		Parameters: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	}
)

func length(seconds string) []string { return []string{"-t", seconds} }

// ffmpegOutput is what the ffmpeg program writes to its standard output.
func ffmpegOutput(t testing.TB, arguments ...string) []byte {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "ffmpeg",
		append([]string{"-nostdin", "-v", "error"}, append(arguments, "-")...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// packetSums are the MD5 of each packet of a file's first stream of the kind.
func packetSums(t testing.TB, path, kind string) []string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", kind,
		"-show_data_hash", "MD5", "-show_entries", "packet=data_hash", "-of", "default=nw=1:nk=1", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var sums []string
	for line := range strings.Lines(string(output)) {
		if _, sum, ok := strings.Cut(strings.TrimSpace(line), "MD5:"); ok {
			sums = append(sums, sum)
		}
	}
	return sums
}

// passThrough passes all of a file's kind, and gives what came.
func passThrough(t *testing.T, spec source.Spec, c media.Codec) (frames []*media.EncodedFrame) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		video := strings.HasPrefix(c.MimeType, "video/")
		opened := f.open(t, spec, !video, video)
		track := opened.Audio
		if video {
			track = opened.Video
		}
		came := newCollector()
		reasons := ended(track)
		feed, err := track.Attach(c, media.EncodingSettings{}, came)
		if err != nil {
			t.Fatal(err)
		}
		if encoder := feed.Stats().Encoder; encoder != "passthrough" {
			t.Fatalf("encoder %q", encoder)
		}
		if err := waitEnd(t, reasons, patience); err != nil {
			t.Fatal(err)
		}
		frames = came.snapshot()
		if stats := feed.Stats(); int(stats.FramesEncoded) != len(frames) || len(frames) == 0 {
			t.Errorf("%d frames, statistics %+v", len(frames), stats)
		}
	})
	return frames
}

// A packet of the file is a frame at the sender, byte for byte.
func TestPassedPacketsAreThoseOfTheFile(t *testing.T) {
	vpx := []string{"-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-b:v", "300k"}
	tests := map[string]struct {
		codec media.Codec
		kind  string
		parts [][]string
	}{
		"vp8.webm": {vp8, "v", [][]string{smallPicture, {"-c:v", "libvpx"}, vpx}},
		// With alternate reference frames, which travel in superframes.
		"vp9.webm": {vp9, "v", [][]string{
			smallPicture,
			{"-c:v", "libvpx-vp9", "-cpu-used", "8", "-auto-alt-ref", "1", "-lag-in-frames", "10", "-g", "30", "-b:v", "300k"},
		}},
		"vp9.mp4":    {vp9, "v", [][]string{smallPicture, {"-c:v", "libvpx-vp9"}, vpx}},
		"opus.webm":  {opus, "a", [][]string{tone440, libopus}},
		"opus.ogg":   {opus, "a", [][]string{tone440, libopus, {"-ac", "2"}}},
		"opus60.mka": {opus, "a", [][]string{tone440, libopus, {"-frame_duration", "60"}}},
		"opus5.mp4":  {opus, "a", [][]string{tone440, libopus, {"-frame_duration", "5"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, "pass-"+name, append(test.parts, length("0.6"))...)
			want := packetSums(t, path, test.kind)
			frames := passThrough(t, source.Spec{Value: path}, test.codec)
			if len(frames) != len(want) {
				t.Fatalf("%d frames of %d packets", len(frames), len(want))
			}
			for i, frame := range frames {
				if sum := md5.Sum(frame.Data); hex.EncodeToString(sum[:]) != want[i] { //nolint:gosec // see above
					t.Fatalf("frame %d differs", i)
				}
				if i > 0 && frame.PTS <= frames[i-1].PTS {
					t.Errorf("frame %d at %v, the one before at %v", i, frame.PTS, frames[i-1].PTS)
				}
			}
			if !frames[0].Keyframe {
				t.Error("does not begin with a keyframe")
			}
		})
	}
}

func TestPassedAV1HasNoDelimitersAndBeginsWithASequenceHeader(t *testing.T) {
	encoder := []string{"-c:v", "libsvtav1", "-preset", "12", "-g", "15", "-pix_fmt", "yuv420p"}
	for _, name := range []string{"av1.mp4", "av1.webm", "av1.obu"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, "pass-"+name, smallPicture, encoder, length("0.8"))
			want := ffmpegOutput(t, "-i", path, "-c", "copy", "-bsf:v", "av1_metadata=td=remove", "-f", "rawvideo")
			frames := passThrough(t, source.Spec{Value: path, Decode: forced}, av1)
			var got []byte
			keyframes := 0
			for _, frame := range frames {
				got = append(got, frame.Data...)
				if frame.Keyframe {
					keyframes++
					if frame.Data[0]>>3&15 != 1 {
						t.Error("a keyframe without its sequence header")
					}
				}
			}
			if keyframes != 2 {
				t.Errorf("%d keyframes", keyframes)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes differ from FFmpeg's %d", len(got), len(want))
			}
		})
	}
}

// nalUnits splits Annex B, without what needs not be sent.
func nalUnits(data []byte) (units [][]byte) {
	for _, unit := range bytes.Split(data, []byte{0, 0, 1}) {
		unit = bytes.TrimRight(unit, "\x00")
		if len(unit) == 0 {
			continue
		}
		switch unit[0] & 31 {
		case 6, 9, 12:
		default:
			units = append(units, unit)
		}
	}
	return units
}

func TestPassedH264IsWhatFFmpegMakesAnnexBOf(t *testing.T) {
	for name, parts := range map[string][][]string{
		"h264.mp4":   {smallPicture, baseline},
		"h264.mkv":   {smallPicture, baseline},
		"h264.flv":   {smallPicture, baseline},
		"h264.ts":    {smallPicture, baseline},
		"h264.h264":  {smallPicture, baseline},
		"slices.mp4": {smallPicture, baseline, {"-x264-params", "slices=4"}},
		"high.mp4": {smallPicture, {
			"-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-pix_fmt", "yuv420p", "-g", "15",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, "pass-"+name, append(parts, length("0.8"))...)
			filter := []string{"-i", path, "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "h264"}
			want := nalUnits(ffmpegOutput(t, filter...))
			codec := avc42e01f
			if name == "high.mp4" {
				codec.Parameters = "packetization-mode=1;profile-level-id=64001f"
			}
			frames := passThrough(t, source.Spec{Value: path}, codec)
			var got [][]byte
			for i, frame := range frames {
				units := nalUnits(frame.Data)
				if frame.Keyframe != (i%15 == 0) {
					t.Errorf("frame %d: keyframe %v", i, frame.Keyframe)
				}
				if frame.Keyframe && (units[0][0]&31 != 7 || units[1][0]&31 != 8) {
					t.Errorf("keyframe %d without parameter sets before it", i)
				}
				got = append(got, units...)
			}
			if len(frames) != 24 {
				t.Errorf("%d frames", len(frames))
			}
			if len(got) != len(want) {
				t.Fatalf("%d units, FFmpeg has %d", len(got), len(want))
			}
			for i := range got {
				if !bytes.Equal(got[i], want[i]) {
					t.Fatalf("unit %d differs", i)
				}
			}
		})
	}
}

func TestPassedSoundOfBytesIsCutToTwentyMilliseconds(t *testing.T) {
	for name, test := range map[string]struct {
		codec  media.Codec
		coding string
		rate   string
	}{
		"pcmu.wav":  {pcmu, "pcm_mulaw", "8000"},
		"pcma.mkv":  {pcma, "pcm_alaw", "8000"},
		"g722.wav":  {g722, "g722", "16000"},
		"g722.g722": {g722, "g722", "16000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, "pass-"+name, tone440, []string{"-ar", test.rate, "-ac", "1", "-c:a", test.coding}, length("0.5"))
			want := ffmpegOutput(t, "-i", path, "-c", "copy", "-f", "data", "-map", "0:a")
			var got []byte
			frames := passThrough(t, source.Spec{Value: path}, test.codec)
			for i, frame := range frames {
				got = append(got, frame.Data...)
				if at := frame.PTS - frames[0].PTS; len(frame.Data) != 160 || at != time.Duration(i)*20*time.Millisecond {
					t.Fatalf("packet %d: %d bytes at %v", i, len(frame.Data), frame.PTS)
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes differ from the file's %d", len(got), len(want))
			}
		})
	}
}
