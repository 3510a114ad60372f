package source_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// alsaFile makes ALSA have one microphone, filemic, which gives a tone of 440 Hz
// out of a file: a pipe, because nothing else makes ALSA keep real time without a card.
func alsaFile(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	pipe := filepath.Join(folder, "tone.raw")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tone := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "quiet", "-y", "-re",
		"-f", "lavfi", "-i", "sine=440:r=48000", "-ac", "2", "-f", "s16le", pipe)
	if err := tone.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = tone.Wait()
	})
	config := filepath.Join(folder, "asound.conf")
	text := fmt.Sprintf(`
pcm.silence { type null }
pcm.filemic {
  type file
  slave.pcm silence
  file /dev/null
  infile %q
  format raw
}
`, pipe)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ALSA_CONFIG_PATH", config)
}

// pulseServer is a PulseAudio of a test's own: a sink that goes nowhere, with a
// tone playing into it, whose monitor is the microphone.
type pulseServer struct {
	t      *testing.T
	daemon *exec.Cmd
	done   chan struct{}
	env    []string
}

func startPulse(t *testing.T) *pulseServer {
	t.Helper()
	folder := t.TempDir()
	socket := filepath.Join(folder, "native")
	t.Setenv("PULSE_SERVER", "unix:"+socket)
	t.Setenv("PULSE_COOKIE", filepath.Join(folder, "cookie"))
	p := &pulseServer{t: t, done: make(chan struct{})}
	p.env = append(os.Environ(), "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "PULSE_RUNTIME_PATH="+folder,
		"PULSE_STATE_PATH="+folder, "DBUS_SESSION_BUS_ADDRESS=disabled:")
	p.daemon = exec.Command("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disallow-exit", "--high-priority=no", "--realtime=no", "--log-target=stderr",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"-L", "module-null-sink sink_name=speaker sink_properties=device.description=Tone rate=48000",
		"-L", "module-sine sink=speaker frequency=440")
	p.daemon.Env = p.env
	if err := p.daemon.Start(); err != nil {
		t.Fatalf("start pulseaudio (apt-get install -y --no-install-recommends pulseaudio pulseaudio-utils): %v", err)
	}
	go func() {
		_ = p.daemon.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	eventually(t, patience, "a PulseAudio that answers", func() bool {
		return exec.Command("pactl", "info").Run() == nil
	})
	return p
}

func (p *pulseServer) kill() {
	_ = p.daemon.Process.Kill()
	<-p.done
}

func (p *pulseServer) control(arguments ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	output, err := exec.CommandContext(ctx, "pactl", arguments...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("pactl %v: %v %s", arguments, err, output)
	}
	return strings.TrimSpace(string(output))
}

func TestAnALSAMicrophoneGivesItsSound(t *testing.T) {
	alsaFile(t)
	f := newFixture(t)
	opened := f.open(t, source.Spec{
		Type: "device", Format: "alsa", Value: "filemic",
		Options: map[string]string{"channels": "2", "sample_rate": "48000"},
	}, true, false)
	hearTone(t, f, opened.Audio)
	_, err := f.registry.Open(t.Context(), source.Spec{Type: "device", Format: "alsa"}, true, false)
	if !errors.Is(err, source.ErrNotFound) || !strings.Contains(err.Error(), "hw:0") {
		t.Errorf("a card that isn't there: %v", err)
	}
}

func TestAPulseMicrophoneIsListedSharedAndFreed(t *testing.T) {
	pulse := startPulse(t)
	found := device.Microphones()
	if len(found) != 1 || found[0].ID != "pulse:speaker.monitor" || found[0].Kind != media.Audio ||
		!strings.Contains(found[0].Label, "Tone") {
		t.Fatalf("microphones: %+v", found)
	}
	f := newFixture(t)
	recordings := func() int { return len(strings.Fields(pulse.control("list", "short", "source-outputs"))) }
	spec := source.Spec{Type: "device", Value: found[0].ID}
	one := f.open(t, spec, true, false)
	hearTone(t, f, one.Audio)
	alone := recordings()
	other := f.open(t, source.Spec{Type: "device", Format: "pulse", Value: "speaker.monitor"}, true, false)
	if one.PlayerID != other.PlayerID || recordings() != alone || alone == 0 {
		t.Errorf("two users of one microphone don't share it: %d, %d", alone, recordings())
	}
	one.Audio.Stop()
	hearTone(t, f, other.Audio)
	other.Audio.Stop()
	eventually(t, patience, "nobody recording", func() bool { return recordings() == 0 })
	// The system's own default, and a name that PulseAudio doesn't have.
	hearTone(t, f, f.open(t, source.Spec{Type: "device"}, true, false).Audio)
	_, err := f.registry.Open(t.Context(), source.Spec{Type: "device", Format: "pulse", Value: "nothing"}, true, false)
	if !errors.Is(err, source.ErrNotFound) || !strings.Contains(err.Error(), "pulse:speaker.monitor") {
		t.Errorf("a source that isn't there: %v", err)
	}
}

func TestALostMicrophoneEndsItsTracks(t *testing.T) {
	for _, test := range []struct {
		name string
		lose func(*pulseServer)
	}{
		{"the server dies", (*pulseServer).kill},
		{"the device goes", func(p *pulseServer) { p.control("unload-module", "module-null-sink") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			pulse := startPulse(t)
			f := newFixture(t)
			opened := f.open(t, source.Spec{Type: "device", Value: "pulse:speaker.monitor"}, true, false)
			audio := newCollector()
			attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
			audio.wait(t, 5, patience)
			reasons := ended(opened.Audio)
			test.lose(pulse)
			reason := waitEnd(t, reasons, patience)
			if !errors.Is(reason, source.ErrBroken) || !strings.Contains(reason.Error(), "speaker.monitor") {
				t.Errorf("ended with %v", reason)
			}
		})
	}
}

func TestAServerThatDoesNotAnswerIsNotWaitedForLonger(t *testing.T) {
	pulse := startPulse(t)
	if err := pulse.daemon.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	_, err := f.registry.Open(t.Context(),
		source.Spec{Type: "device", Format: "pulse", Timeout: 200 * time.Millisecond}, true, false)
	if !errors.Is(err, source.ErrTimeout) {
		t.Errorf("%v", err)
	}
	if err := pulse.daemon.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}
