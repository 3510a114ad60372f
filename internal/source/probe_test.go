package source_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func probe(t *testing.T, spec source.Spec, codecs ...media.Codec) (*source.Probed, error) {
	t.Helper()
	g := newGoroutines(t)
	return source.Probe(t.Context(), g.start, testLog{t}, spec, codecs)
}

func mustProbe(t *testing.T, spec source.Spec, codecs ...media.Codec) *source.Probed {
	t.Helper()
	probed, err := probe(t, spec, codecs...)
	if err != nil {
		t.Fatal(err)
	}
	return probed
}

// streamOf gives the stream of a kind that is played.
func streamOf(t *testing.T, probed *source.Probed, kind media.Kind) source.ProbedStream {
	t.Helper()
	for _, s := range probed.Streams {
		if s.Kind == kind && s.Played {
			return s
		}
	}
	t.Fatalf("no %v in %+v", kind, probed)
	return source.ProbedStream{}
}

func within(got, want, tolerance time.Duration) bool {
	return got >= want-tolerance && got <= want+tolerance
}

func TestAProbeTellsWhatAFileHolds(t *testing.T) {
	x264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-profile:v", "main"}
	path := clip(t, "probe.mkv", smallPicture, tone440, x264, []string{"-bf", "2", "-g", "45", "-c:a", "aac"}, length("4"))
	probed := mustProbe(t, source.Spec{Type: "file", Value: path}, vp8, avc42e01f)
	if !strings.Contains(probed.Format, "matroska") || !within(probed.Duration, 4*time.Second, 200*time.Millisecond) || probed.Live {
		t.Errorf("%+v", probed)
	}
	video, audio := streamOf(t, probed, media.Video), streamOf(t, probed, media.Audio)
	if video.Codec != "h264" || !strings.HasPrefix(video.Profile, "Main, level") || video.Width == 0 || video.Framerate < 1 {
		t.Errorf("video %+v", video)
	}
	if !video.Reordered || !video.KeyframesKnown || !within(video.KeyframeInterval, 1500*time.Millisecond, 700*time.Millisecond) {
		t.Errorf("B-frames %v, keyframes every %v (known: %v)", video.Reordered, video.KeyframeInterval, video.KeyframesKnown)
	}
	// What it would not be sent as anyway is not for its B-frames.
	if len(video.Ways) != 2 || !strings.Contains(video.Ways[0].Reason, "VP8 was negotiated") ||
		!strings.Contains(video.Ways[1].Reason, "B-frames") {
		t.Errorf("%+v", video.Ways)
	}
	if video.Bitrate <= 0 || audio.Bitrate <= 0 || !video.Decodable || !audio.Decodable {
		t.Errorf("%d and %d bit/s", video.Bitrate, audio.Bitrate)
	}
	if audio.Codec != "aac" || audio.SampleRate != 48000 || audio.Channels != 1 || audio.KeyframeInterval != 0 {
		t.Errorf("audio %+v", audio)
	}
}

func TestAProbeTellsWhatPassesAndWhyTheRestDoesNot(t *testing.T) {
	path := clip(t, "settings.mp4", smallPicture, baseline, length("2"))
	ways := streamOf(t, mustProbe(t, source.Spec{Type: "file", Value: path}, vp8, avc42e01f, hevcMain, opus), media.Video).Ways
	if len(ways) != 3 {
		t.Fatalf("%+v", ways)
	}
	for i, want := range []struct {
		passes, impossible bool
		reason             string
	}{
		{false, false, "video/VP8 was negotiated"},
		{true, false, ""},
		{false, true, "there is no encoder"},
	} {
		got := ways[i]
		if got.Passes != want.passes || got.Impossible != want.impossible || !strings.Contains(got.Reason, want.reason) ||
			(got.Reason == "") != want.passes {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// What a probe says is what happens.
func TestAProbeAgreesWithWhatIsPlayed(t *testing.T) {
	for name, path := range map[string]string{
		"passes":      clip(t, "choice.mp4", smallPicture, baseline, length("2")),
		"long groups": clip(t, "choice-g.mkv", smallPicture, baseline, []string{"-g", "300"}, length("4")),
	} {
		t.Run(name, func(t *testing.T) {
			probed := mustProbe(t, source.Spec{Type: "file", Value: path}, avc42e01f)
			encoder, err := firstEncoder(t, source.Spec{Value: path}, avc42e01f)
			if err != nil {
				t.Fatal(err)
			}
			if way := streamOf(t, probed, media.Video).Ways[0]; way.Passes != (encoder == passedThrough) {
				t.Errorf("%+v, but %s", way, encoder)
			}
		})
	}
}

func TestAProbeTellsHowPicturesAreTurned(t *testing.T) {
	upright := clip(t, "settings.mp4", smallPicture, baseline, length("2"))
	// FFmpeg counts counter-clockwise here.
	turned := clip(t, "probe-turned.mp4", []string{"-i", upright, "-c", "copy", "-metadata:s:v:0", "rotate=270"})
	s := streamOf(t, mustProbe(t, source.Spec{Type: "file", Value: turned}, avc42e01f), media.Video)
	if s.Rotation != 90 {
		t.Errorf("turned by %d", s.Rotation)
	}
	if way := s.Ways[0]; way.Passes || !strings.Contains(way.Reason, "turned") {
		t.Errorf("%+v", way)
	}
}

func TestAProbeOfAURLReadsIt(t *testing.T) {
	path := clip(t, "probe.webm", smallPicture, tone440, []string{"-c:v", "libvpx", "-deadline", "realtime", "-g", "30"}, libopus, length("2"))
	address := serve(t, serveFile(path))
	for _, kind := range []string{"url", "file"} {
		probed := mustProbe(t, source.Spec{Type: kind, Value: address + "/clip.webm"}, opus)
		if s := streamOf(t, probed, media.Video); s.Codec != "vp8" || s.Bitrate <= 0 || s.KeyframeInterval <= 0 {
			t.Errorf("%s: %+v", kind, s)
		}
		if s := streamOf(t, probed, media.Audio); s.Codec != "opus" || len(s.Ways) != 1 || !s.Ways[0].Passes {
			t.Errorf("%s: %+v", kind, s)
		}
	}
}

func TestAProbeThatIsCancelledEnds(t *testing.T) {
	begun := make(chan struct{}, 10)
	path := longClip(t)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		// The header, then nothing.
		file := read(t, path)
		_, _ = w.Write(file[:len(file)/4])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	g := newGoroutines(t)
	if _, err := source.Probe(ctx, g.start, testLog{t}, source.Spec{Type: "url", Value: address}, nil); !errors.Is(err, source.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestAProbeRefusesAsOpeningDoes(t *testing.T) {
	missing := serve(t, http.NotFound)
	for name, test := range map[string]struct {
		spec source.Spec
		kind error
	}{
		"missing":    {source.Spec{Type: "file", Value: "/nowhere/clip.mp4"}, source.ErrNotFound},
		"a folder":   {source.Spec{Type: "file", Value: t.TempDir()}, source.ErrNotSupported},
		"a protocol": {source.Spec{Type: "url", Value: "concat:/etc/passwd|/etc/hosts"}, source.ErrInvalid},
		"a device":   {source.Spec{Type: "device"}, source.ErrInvalid},
		"no page":    {source.Spec{Type: "url", Value: missing}, source.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := probe(t, test.spec); !errors.Is(err, test.kind) {
				t.Errorf("%v, want %v", err, test.kind)
			}
		})
	}
}
