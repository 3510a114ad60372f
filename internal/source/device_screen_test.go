package source_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// xServer is an X server of a test's own, 320 by 240, of one colour.
type xServer struct {
	name   string
	server *exec.Cmd
	done   chan struct{}
}

func startX(t *testing.T, colour string) *xServer {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// It finds a free number itself, and writes it to descriptor 3.
	x := &xServer{
		server: exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "320x240x24", "-nolisten", "tcp", "-noreset"),
		done:   make(chan struct{}),
	}
	x.server.ExtraFiles = []*os.File{write}
	err = x.server.Start()
	_ = write.Close()
	if err != nil {
		t.Fatalf("start Xvfb (apt-get install -y --no-install-recommends xvfb x11-xserver-utils): %v", err)
	}
	go func() {
		_ = x.server.Wait()
		close(x.done)
	}()
	t.Cleanup(x.kill)
	_ = read.SetReadDeadline(time.Now().Add(patience))
	number, err := readLine(read)
	_ = read.Close()
	if err != nil {
		t.Fatalf("Xvfb tells no display: %v", err)
	}
	x.name = ":" + number
	x.paint(t, colour)
	return x
}

func readLine(r io.Reader) (string, error) {
	var line strings.Builder
	one := make([]byte, 1)
	for {
		if _, err := io.ReadFull(r, one); err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return line.String(), nil
		}
		line.WriteByte(one[0])
	}
}

func (x *xServer) paint(t *testing.T, colour string) {
	t.Helper()
	if output, err := exec.Command("xsetroot", "-display", x.name, "-solid", colour).CombinedOutput(); err != nil {
		t.Fatalf("xsetroot: %v %s", err, output)
	}
}

func (x *xServer) kill() {
	_ = x.server.Process.Kill()
	<-x.done
}

func TestAScreenIsRecordedAndShared(t *testing.T) {
	x := startX(t, "#ff0000")
	f := newFixture(t)
	spec := source.Spec{
		Type: "device", Format: "x11grab", Value: x.name,
		Options: map[string]string{"framerate": "20", "draw_mouse": "0"},
	}
	one, other := f.open(t, spec, false, true), f.open(t, spec, false, true)
	if one.PlayerID != other.PlayerID {
		t.Error("opened twice")
	}
	seeColour(t, f, one.Video, 320, 240, red)
	x.paint(t, "#0000ff")
	one.Video.Stop()
	// What was taken before it was painted may still be shown.
	seen := newCollector()
	attach(t, other.Video, vp8, media.EncodingSettings{}, seen)
	seen.wait(t, 5, patience)
	seeColour(t, f, other.Video, 320, 240, blue)
}

func TestAScreenKeepsItsRate(t *testing.T) {
	x := startX(t, "#ff0000")
	f := newFixture(t)
	opened := f.open(t, source.Spec{
		Type: "device", Format: "x11grab", Value: x.name, Options: map[string]string{"framerate": "10"},
	}, false, true)
	pictures := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, pictures)
	pictures.wait(t, 11, patience)
	frames := pictures.snapshot()
	if took := frames[10].PTS - frames[0].PTS; took < 900*time.Millisecond {
		t.Errorf("ten pictures of ten a second within %v", took)
	}
}

func TestAScreenThatIsSlowStopsAtOnce(t *testing.T) {
	x := startX(t, "#ff0000")
	f := newFixture(t)
	opened := f.open(t, source.Spec{
		Type: "device", Format: "x11grab", Value: x.name, Options: map[string]string{"framerate": "0.1"},
	}, false, true)
	opened.Video.Stop()
	begin := time.Now()
	f.registry.Close()
	// FFmpeg would sleep for the ten seconds of one picture.
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestALostScreenEndsItsTracks(t *testing.T) {
	x := startX(t, "#ff0000")
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "device", Format: "x11grab", Value: x.name}, false, true)
	pictures := newCollector()
	attach(t, opened.Video, vp8, media.EncodingSettings{}, pictures)
	pictures.wait(t, 3, patience)
	reasons := ended(opened.Video)
	x.kill()
	reason := waitEnd(t, reasons, patience)
	if !errors.Is(reason, source.ErrBroken) || !strings.Contains(reason.Error(), x.name) {
		t.Errorf("ended with %v", reason)
	}
}

func TestWhatNoScreenIsIsRefusedInWords(t *testing.T) {
	x := startX(t, "#ff0000")
	f := newFixture(t)
	for _, test := range []struct {
		name    string
		value   string
		options map[string]string
		kind    error
		words   string
	}{
		{"no display", "", nil, source.ErrNotFound, "DISPLAY"},
		{"no X server", ":29999", nil, source.ErrNotFound, ":29999"},
		{"an area outside", x.name, map[string]string{"video_size": "4000x3000"}, source.ErrNotFound, "inside"},
		{"an unknown option", x.name, map[string]string{"colour": "7"}, source.ErrUnsupported, "colour"},
	} {
		_, err := f.registry.Open(t.Context(),
			source.Spec{Type: "device", Format: "x11grab", Value: test.value, Options: test.options}, false, true)
		if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	_, err := f.registry.Open(t.Context(), source.Spec{Type: "device", Format: "x11grab", Value: x.name}, true, false)
	if !errors.Is(err, source.ErrNotSupported) {
		t.Errorf("the sound of a screen: %v", err)
	}
}
