package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func TestAFilterGraphPlaysInRealTime(t *testing.T) {
	f := newFixture(t)
	graph := source.Spec{Type: "device", Format: "lavfi", Value: "color=red:s=320x240:r=30[out0];sine=440:r=48000[out1]"}
	opened := f.open(t, graph, true, true)
	hearTone(t, f, opened.Audio)
	seeColour(t, f, opened.Video, 320, 240, red)
	video := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 1, patience)
	first, begin := video.snapshot()[0], time.Now()
	video.wait(t, 20, patience)
	last := video.snapshot()[19]
	// It makes its pictures as fast as they are asked for: only the clock holds it.
	if played := last.PTS - first.PTS; time.Since(begin) < played*8/10 {
		t.Errorf("%v played within %v", played, time.Since(begin))
	}
}

func TestAFilterGraphReachesNoFile(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("color=red"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	for _, test := range []struct {
		graph   string
		options map[string]string
		kind    error
	}{
		{"movie=" + secret, nil, source.ErrInvalid},
		{"movie=filename=" + shortClip(t), nil, source.ErrInvalid},
		{"amovie=" + shortClip(t), nil, source.ErrInvalid},
		{"color=red,subtitles=" + secret, nil, source.ErrInvalid},
		{"color=red,drawtext=textfile=" + secret, nil, source.ErrInvalid},
		{"color=red,lut3d=" + secret, nil, source.ErrInvalid},
		{"color=red,sendcmd=f=" + secret, nil, source.ErrInvalid},
		{"color=red,metadata=print:file=" + secret, nil, source.ErrInvalid},
		{"ladspa=file=" + secret, nil, source.ErrInvalid},
		{"zmq", nil, source.ErrInvalid},
		{"color=red", map[string]string{"graph_file": secret}, source.ErrUnsupported},
		{"color=red", map[string]string{"dumpgraph": "1"}, source.ErrUnsupported},
	} {
		spec := source.Spec{Type: "device", Format: "lavfi", Value: test.graph, Options: test.options}
		_, err := f.registry.Open(t.Context(), spec, false, true)
		if !errors.Is(err, test.kind) {
			t.Errorf("%s %v: %v", test.graph, test.options, err)
		}
	}
}

func TestWhatNoDeviceIsIsRefusedInWords(t *testing.T) {
	f := newFixture(t)
	never := false
	for _, test := range []struct {
		name  string
		spec  source.Spec
		audio bool
		kind  error
		words string
	}{
		{"an unknown format", source.Spec{Format: "dshow"}, false, source.ErrUnsupported, "alsa, lavfi, pulse, v4l2"},
		{"no camera", source.Spec{Value: "/dev/video97"}, false, source.ErrNotFound, "/dev/video97"},
		{"no camera, by format", source.Spec{Value: "/dev/video97", Format: "v4f2"}, false, source.ErrNotFound, "camera"},
		{"a file", source.Spec{Value: "/etc/passwd", Format: "v4l2"}, false, source.ErrNotFound, "/etc/passwd"},
		{"a graph without filters", source.Spec{Format: "lavfi"}, false, source.ErrInvalid, "testsrc2"},
		{"a huge graph", source.Spec{Format: "lavfi", Value: "color=s=16000x16000"}, false, source.ErrNotSupported, "pixels"},
		{"a microphone for video", source.Spec{Format: "alsa"}, false, source.ErrNotSupported, "ask for audio"},
		{"a name that is too long", source.Spec{Format: "alsa", Value: strings.Repeat("x", 300)}, true, source.ErrNotFound, "xxx"},
		{"a NUL", source.Spec{Value: "a\x00b"}, true, source.ErrInvalid, "NUL"},
		{"passthrough", source.Spec{Decode: &never}, false, source.ErrNotSupported, "decode"},
		{"an option of microphones", source.Spec{Format: "alsa", Options: map[string]string{"gain": "3"}}, true, source.ErrUnsupported, "gain"},
		{"a wrong value", source.Spec{Format: "alsa", Options: map[string]string{"channels": "many"}}, true, source.ErrInvalid, "channels"},
	} {
		test.spec.Type = "device"
		_, err := f.registry.Open(t.Context(), test.spec, test.audio, !test.audio)
		if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := f.registry.Open(t.Context(), source.Spec{Type: "device"}, true, true); !errors.Is(err, source.ErrInvalid) {
		t.Errorf("both kinds of one device: %v", err)
	}
}

func TestACameraOfThisMachinePlays(t *testing.T) {
	cameras, _ := filepath.Glob("/dev/video*")
	usable := slices.ContainsFunc(cameras, func(path string) bool {
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		if err == nil {
			_ = file.Close()
		}
		return err == nil
	})
	f := newFixture(t)
	spec := source.Spec{Type: "device"}
	opened, err := f.registry.Open(t.Context(), spec, false, true)
	if !usable {
		// The other half of the behaviour, on a machine without one.
		var refused *source.Error
		if !errors.As(err, &refused) || !errors.Is(err, source.ErrNotFound) && !errors.Is(err, source.ErrNotAllowed) {
			t.Fatalf("no camera here: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	video := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
	video.wait(t, 5, patience)
}
