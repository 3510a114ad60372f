package source_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

const passedThrough = "passthrough"

// What passes by itself, what only where decode is false, and what never does,
// with the reason.
func TestWhatPasses(t *testing.T) {
	x264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}
	two := length("2")
	// Neither MP4 nor MPEG-TS says so beside the pictures.
	interlaced := []string{
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-profile:v", "main", "-bf", "0", "-g", "30",
		"-flags", "+ildct+ilme", "-x264-params", "tff=1",
	}
	high := media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: "packetization-mode=1;profile-level-id=64001f"}
	single := media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: "packetization-mode=0;profile-level-id=42e01f"}
	tests := map[string]struct {
		name  string
		parts [][]string
		codec media.Codec
		// passes unless told otherwise; refusal is said where decode is false.
		passes  bool
		refusal string
	}{
		"fits":             {"choice.mp4", [][]string{smallPicture, baseline, two}, avc42e01f, true, ""},
		"fits High":        {"choice.mp4", [][]string{smallPicture, baseline, two}, high, true, ""},
		"other codec":      {"choice.mp4", [][]string{smallPicture, baseline, two}, vp8, false, "it is coded as video/H264, video/VP8 was negotiated"},
		"B-frames":         {"choice-b.mp4", [][]string{smallPicture, x264, {"-bf", "2", "-g", "30"}, two}, high, false, "B-frames"},
		"B-frames in mkv":  {"choice-b.mkv", [][]string{smallPicture, x264, {"-bf", "2", "-g", "30"}, two}, high, false, "B-frames"},
		"B-frames in ts":   {"choice-b.ts", [][]string{smallPicture, x264, {"-bf", "2", "-g", "30"}, two}, high, false, "B-frames"},
		"long groups":      {"choice-g.mp4", [][]string{smallPicture, baseline, {"-g", "300"}, length("4")}, avc42e01f, false, ""},
		"long groups, mkv": {"choice-g.mkv", [][]string{smallPicture, baseline, {"-g", "300"}, length("4")}, avc42e01f, false, ""},
		"profile": {
			"choice-h.mp4",
			[][]string{smallPicture, x264, {"-profile:v", "high", "-preset", "veryfast", "-bf", "0", "-g", "30"}, two},
			avc42e01f, false, "profile High was not negotiated (42e01f was)",
		},
		"High 4:4:4": {
			"choice-444.mp4",
			[][]string{smallPicture, {"-c:v", "libx264", "-pix_fmt", "yuv444p", "-bf", "0", "-g", "30"}, two},
			avc42e01f, false, "not 4:2:0 (profile High 4:4:4)",
		},
		"10 bit": {
			"choice-10.mp4",
			[][]string{smallPicture, {"-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-bf", "0", "-g", "30"}, two},
			high, false, "10 bit (profile High 10)",
		},
		"interlaced":      {"choice-i.mp4", [][]string{smallPicture, interlaced, two}, high, false, ""},
		"interlaced, ts":  {"choice-i.ts", [][]string{smallPicture, interlaced, two}, high, false, ""},
		"interlaced, mkv": {"choice-i.mkv", [][]string{smallPicture, interlaced, two}, high, false, ""},
		"interlaced, flv": {"choice-i.flv", [][]string{smallPicture, interlaced, two}, high, false, ""},
		"level":           {"choice-l.mp4", [][]string{smallPicture, baseline, {"-level", "5.1"}, two}, avc42e01f, false, ""},
		"mode 0":          {"choice.mp4", [][]string{smallPicture, baseline, two}, single, false, "packetization-mode 0 carries at most 1140"},
		"mode 0, slices":  {"choice-s.mp4", [][]string{smallPicture, baseline, {"-x264-params", "slice-max-size=1000"}, two}, single, true, ""},
		"VP9 profile 1":   {"choice-1.webm", [][]string{smallPicture, {"-c:v", "libvpx-vp9", "-pix_fmt", "yuv444p", "-deadline", "realtime", "-cpu-used", "8", "-g", "30"}, two}, vp9, false, "profile 1"},
		"AAC":             {"choice.m4a", [][]string{tone440, two}, opus, false, "coded as AAC"},
		"stereo G.711":    {"choice-2.wav", [][]string{tone440, {"-ar", "8000", "-ac", "2", "-c:a", "pcm_mulaw"}, two}, pcmu, false, "2 channels of 8000 Hz"},
		"5.1 of Opus":     {"choice-6.mka", [][]string{tone440, {"-ac", "6", "-c:a", "libopus"}, two}, opus, false, "it is coded as audio/multiopus, audio/opus was negotiated"},
		"Opus as PCMU":    {"choice.opus", [][]string{tone440, libopus, two}, pcmu, false, "it is coded as audio/opus"},
		"Opus":            {"choice.opus", [][]string{tone440, libopus, two}, opus, true, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, decode := range []*bool{nil, forced, new(true)} {
				path := clip(t, test.name, test.parts...)
				encoder, err := firstEncoder(t, source.Spec{Value: path, Decode: decode}, test.codec)
				switch passes := encoder == passedThrough; {
				case decode == forced && test.refusal != "":
					if !errors.Is(err, source.ErrNotSupported) || !strings.Contains(err.Error(), test.refusal) {
						t.Errorf("decode: false gives %q, %v", encoder, err)
					}
				case err != nil && (name != "mode 0" && name != "mode 0, slices" || !errors.Is(err, media.ErrCodecUnavailable)):
					t.Error(err)
				case decode == forced && !passes:
					t.Errorf("decode: false gives %q", encoder)
				case decode == nil && passes != test.passes:
					t.Errorf("decode unset gives %q", encoder)
				case decode != nil && *decode && passes:
					t.Errorf("decode: true gives %q", encoder)
				}
			}
		})
	}
}

// firstEncoder is what makes the first frame of a source.
func firstEncoder(t *testing.T, spec source.Spec, c media.Codec) (string, error) {
	f := newFixture(t)
	defer f.registry.Close()
	video := strings.HasPrefix(c.MimeType, "video/")
	spec.Type = "file"
	opened, err := f.registry.Open(t.Context(), spec, !video, video)
	if err != nil {
		return "", err
	}
	track := opened.Audio
	if video {
		track = opened.Video
	}
	if err := track.(media.CodecChecker).CheckCodec(c, media.EncodingSettings{}); err != nil {
		if _, other := track.Attach(c, media.EncodingSettings{}, newCollector()); other == nil || other.Error() != err.Error() {
			t.Errorf("the check says %v, attaching %v", err, other)
		}
		return "", err
	}
	came := newCollector()
	feed := attach(t, track, c, media.EncodingSettings{}, came)
	came.wait(t, 1, patience)
	return feed.Stats().Encoder, nil
}

// The first pictures fit into a packet each, those after a second do not.
func TestAUnitThatPacketizationMode0CantCarryEndsItsTrackByName(t *testing.T) {
	single := media.Codec{MimeType: "video/H264", ClockRate: 90000, Parameters: "packetization-mode=0;profile-level-id=42e01f"}
	path := clip(t, "mode-0-later.mp4",
		[]string{"-f", "lavfi", "-i", "color=c=blue:size=160x120:rate=30"}, filter("noise=alls=100:allf=t:enable='gt(t,1)'"),
		baseline, length("3"))
	f := newFixture(t)
	spec := source.Spec{Value: path, Loop: true}
	opened, other := f.open(t, spec, false, true), f.open(t, spec, false, true)
	ended := make(chan error, 1)
	opened.Video.OnEnded(func(reason error) { ended <- reason })
	for _, c := range []media.Codec{single, avc42e01f} {
		if err := other.Video.(media.CodecChecker).CheckCodec(c, media.EncodingSettings{}); err != nil {
			t.Fatal(err)
		}
	}
	one, another := newCollector(), newCollector()
	attach(t, opened.Video, single, media.EncodingSettings{}, one)
	feed := attach(t, other.Video, avc42e01f, media.EncodingSettings{}, another)
	select {
	case err := <-ended:
		if !errors.Is(err, source.ErrNotSupported) || !strings.Contains(err.Error(), "packetization-mode 0 carries at most 1140") {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	for i, frame := range one.snapshot() {
		if len(frame.Data) > 2*media.MaxPayload {
			t.Errorf("frame %d of %d bytes went out", i, len(frame.Data))
		}
	}
	// Those whose packets may hold less go on.
	another.wait(t, len(another.snapshot())+10, patience)
	if encoder := feed.Stats().Encoder; encoder != passedThrough {
		t.Errorf("the other is %s", encoder)
	}
	if err := other.Video.(media.CodecChecker).CheckCodec(single, media.EncodingSettings{}); !errors.Is(err, media.ErrCodecUnavailable) {
		t.Errorf("it is judged anew as %v", err)
	}
}

func TestSettingsThatNeedAnEncoderAreHonoured(t *testing.T) {
	path := clip(t, "settings.mp4", smallPicture, baseline, length("2"))
	for name, test := range map[string]struct {
		settings media.EncodingSettings
		encoder  string
	}{
		"none":               {media.EncodingSettings{}, passedThrough},
		"wide":               {media.EncodingSettings{MaxBitrate: 5_000_000, MaxFramerate: 60}, passedThrough},
		"a lower frame rate": {media.EncodingSettings{MaxFramerate: 10}, "OpenH264"},
		"a lower bitrate":    {media.EncodingSettings{MaxBitrate: 100_000}, "OpenH264"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			opened := f.open(t, source.Spec{Value: path}, false, true)
			came := newCollector()
			feed := attach(t, opened.Video, avc42e01f, test.settings, came)
			came.wait(t, 1, patience)
			if encoder := feed.Stats().Encoder; encoder != test.encoder {
				t.Errorf("%s", encoder)
			}
		})
	}
}

func TestWhatIsNotAV1IsEncodedToIt(t *testing.T) {
	path := clip(t, "settings.mp4", smallPicture, baseline, length("2"))
	f := newFixture(t)
	opened := f.open(t, source.Spec{Value: path}, false, true)
	if err := opened.Video.(media.CodecChecker).CheckCodec(av1, media.EncodingSettings{}); err != nil {
		t.Error(err)
	}
	sink := newCollector()
	feed := attach(t, opened.Video, av1, media.EncodingSettings{}, sink)
	sink.wait(t, 3, patience)
	if encoder := feed.Stats().Encoder; encoder != "libaom" {
		t.Errorf("%s", encoder)
	}
}

// One file, one clock: the picture passes while the sound is encoded.
func TestPictureAndSoundAreInSyncInWhateverWayTheyGo(t *testing.T) {
	path := clip(t, "mixed.mp4", smallPicture, tone440, baseline, []string{"-c:a", "aac"}, length("2"))
	both := clip(t, "both.mkv", smallPicture, tone440, baseline, libopus, length("2"))
	for name, test := range map[string]struct {
		path         string
		video, audio string
	}{"AAC": {path, passedThrough, "libopus"}, "Opus": {both, passedThrough, passedThrough}} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			opened := f.open(t, source.Spec{Value: test.path, Loop: true}, true, true)
			begin, video, audio := time.Now(), newCollector(), newCollector()
			one := attach(t, opened.Video, avc42e01f, media.EncodingSettings{}, video)
			other := attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
			// Across the end of the file.
			video.wait(t, 75, patience)
			audio.wait(t, 125, patience)
			if one.Stats().Encoder != test.video || other.Stats().Encoder != test.audio {
				t.Errorf("%q and %q", one.Stats().Encoder, other.Stats().Encoder)
			}
			for kind, c := range map[string]*collector{"video": video, "audio": audio} {
				frames := c.snapshot()
				for i := 1; i < len(frames); i++ {
					if d := frames[i].PTS - frames[i-1].PTS; d <= 0 || d > 80*time.Millisecond {
						t.Errorf("%s: %v from frame %d to the next", kind, d, i-1)
					}
				}
				if frames[0].PTS < -20*time.Millisecond || frames[0].PTS > 40*time.Millisecond {
					t.Errorf("%s begins at %v", kind, frames[0].PTS)
				}
			}
			// What arrives together was recorded together, on average.
			if skew := lateness(video, begin, 60) - lateness(audio, begin, 100); skew < -40*time.Millisecond || skew > 40*time.Millisecond {
				t.Errorf("picture comes %v after sound", skew)
			}
		})
	}
}

// lateness is how much later than its time a frame of the first n came after
// begin, on average.
func lateness(c *collector, begin time.Time, n int) (mean time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range n {
		mean += (c.times[i].Sub(begin) - c.frames[i].PTS) / time.Duration(n)
	}
	return mean
}
