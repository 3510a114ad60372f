package codec_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

var h264 = media.Codec{MimeType: codec.MimeH264, ClockRate: 90000}

// choice is what was told of what encodes.
type choice struct {
	name    string
	refused error
	times   int
}

func (c *choice) tell(name string, refused error) {
	c.name, c.refused = name, refused
	c.times++
}

// inDriver runs a test once more, in a process that finds the stand-in for NVIDIA's driver (nvenc/testdata/driver), with
// environment. It is true there.
func inDriver(t *testing.T, environment ...string) bool {
	t.Helper()
	if os.Getenv("DRIVER") != "" {
		return true
	}
	folder := t.TempDir()
	if output, err := exec.CommandContext(t.Context(), "sh", "nvenc/testdata/driver/make.sh", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), append(environment, "DRIVER=1", "LD_LIBRARY_PATH="+folder)...)
	output, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "--- PASS: "+t.Name()) {
		t.Fatalf("%v: %s", err, output)
	}
	return false
}

func TestHardwareEncodesAsSoftwareDoes(t *testing.T) {
	if !inDriver(t) {
		return
	}
	var chosen choice
	codectest.HardwareVideo(t, h264, chosen.tell)
	if chosen.name != "NVENC" || chosen.refused != nil {
		t.Errorf("%+v", chosen)
	}
	if all := codec.HardwareEncoders(); len(all) != 1 || all[0].Refused != nil || all[0].Name != "NVENC" {
		t.Errorf("%+v", all)
	}
}

func TestWithoutADriverSoftwareEncodes(t *testing.T) {
	for _, c := range []media.Codec{h264, {MimeType: codec.MimeVP8}, {MimeType: codec.MimeVP9}, {MimeType: codec.MimeAV1}} {
		want, name := "libcuda.so.1 cannot be loaded", "OpenH264"
		if c.MimeType != codec.MimeH264 {
			want, name = "no hardware encoder of this codec", ""
		}
		chosen := encoded(t, c, codec.VideoSettings{})
		if chosen.refused == nil || !strings.Contains(chosen.refused.Error(), want) || name != "" && chosen.name != name {
			t.Errorf("%s: %+v", c.MimeType, chosen)
		}
	}
	if all := codec.HardwareEncoders(); len(all) != 1 || all[0].Refused == nil {
		t.Errorf("%+v", all)
	}
}

// encoded codes some pictures of two sizes, whatever happens to the hardware, and decodes them.
func encoded(t *testing.T, c media.Codec, settings codec.VideoSettings) choice {
	t.Helper()
	var chosen choice
	settings.Hardware = chosen.tell
	encoder, _, err := codec.NewVideoEncoder(c, settings)
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	decoder, err := codec.NewVideoDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	const each = 10
	for i := range 2 * each {
		width, height := 320, 240
		if i >= each {
			width, height = 176, 144
		}
		picture := codectest.Bars(width, height, i)
		picture.PTS = time.Duration(i) * 40 * time.Millisecond
		before := chosen.name
		data, keyframe, err := encoder.Encode(picture, false)
		if err != nil {
			t.Fatal(err)
		}
		if want := i%each == 0 || chosen.name != before; keyframe != want {
			t.Errorf("picture %d: keyframe %v", i, keyframe)
		}
		frames, err := decoder.Decode(data, picture.PTS)
		if err != nil || len(frames) != 1 || codectest.PSNR(picture, frames[0]) < 25 {
			t.Fatalf("picture %d: %d pictures, %v", i, len(frames), err)
		}
		frames[0].Release()
	}
	return chosen
}

func TestWhereADeviceIsLostSoftwareGoesOn(t *testing.T) {
	if !inDriver(t, "DRIVER_PICTURES=5") {
		return
	}
	chosen := encoded(t, h264, codec.VideoSettings{})
	// Not tried again for the second size.
	if chosen.name != "OpenH264" || chosen.refused == nil || chosen.times != 3 {
		t.Errorf("%+v", chosen)
	}
}

func TestADeviceHasSoManySessionsAndGetsThemBack(t *testing.T) {
	if !inDriver(t, "DRIVER_SESSIONS=1") {
		return
	}
	var chosen choice
	first, _, err := codec.NewVideoEncoder(h264, codec.VideoSettings{Hardware: chosen.tell})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := first.Encode(codectest.Bars(320, 240, 0), false); err != nil || chosen.refused != nil {
		t.Fatalf("%v, %+v", err, chosen)
	}
	if second := encoded(t, h264, codec.VideoSettings{}); second.refused == nil || second.name != "OpenH264" {
		t.Errorf("%+v", second)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		// Two sizes are two sessions, one after the other.
		if next := encoded(t, h264, codec.VideoSettings{}); next.refused != nil || next.name != "NVENC" {
			t.Fatalf("%+v", next)
		}
	}
}

func TestWhatADeviceCannotEncodeSoftwareDoes(t *testing.T) {
	if !inDriver(t) {
		return
	}
	layers, err := media.ParseScalabilityMode("L1T2")
	if err != nil {
		t.Fatal(err)
	}
	if chosen := encoded(t, h264, codec.VideoSettings{Scalability: layers}); chosen.name != "OpenH264" || chosen.refused == nil {
		t.Errorf("%+v", chosen)
	}
	if chosen := encoded(t, media.Codec{MimeType: codec.MimeVP8}, codec.VideoSettings{}); chosen.refused == nil {
		t.Errorf("%+v", chosen)
	}
}

func TestADriverWithoutADeviceIsNoHardware(t *testing.T) {
	if !inDriver(t, "DRIVER_DEVICES=0") {
		return
	}
	if chosen := encoded(t, h264, codec.VideoSettings{}); chosen.name != "OpenH264" || chosen.refused == nil ||
		!strings.Contains(chosen.refused.Error(), "no device") {
		t.Errorf("%+v", chosen)
	}
	if codec.HardwareEncoders()[0].Refused == nil {
		t.Error("it works")
	}
}
