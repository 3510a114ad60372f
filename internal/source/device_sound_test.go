package source_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// alsaFile makes ALSA have one microphone, filemic, which gives a tone of 440 Hz out
// of a file. Without a card only PulseAudio can make ALSA keep real time: what it
// plays, of another pitch, is replaced by the file.
func alsaFile(t *testing.T) {
	t.Helper()
	startPulse(t, 3000)
	folder := t.TempDir()
	raw := filepath.Join(folder, "tone.raw")
	samples := codectest.Tone(440, 48000, 2, 0, 48000*20)
	tone := make([]byte, 0, 2*len(samples))
	for _, sample := range samples {
		tone = binary.LittleEndian.AppendUint16(tone, uint16(sample))
	}
	if err := os.WriteFile(raw, tone, 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(folder, "asound.conf")
	text := fmt.Sprintf(`
pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }
pcm.clock {
  type pulse
  device "speaker.monitor"
}
pcm.filemic {
  type file
  slave.pcm clock
  file /dev/null
  infile %q
  format raw
}
`, raw)
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

func startPulse(t *testing.T, hertz int) *pulseServer {
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
		"-L", fmt.Sprintf("module-sine sink=speaker frequency=%d", hertz))
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
	pulse := startPulse(t, 440)
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
			pulse := startPulse(t, 440)
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

// Longer than it takes to look whether it is there still.
func TestAMicrophoneWhoseServerStandsStillForAWhileGoesOn(t *testing.T) {
	pulse := startPulse(t, 440)
	f := newFixture(t)
	opened := f.open(t, source.Spec{Type: "device", Value: "pulse:speaker.monitor"}, true, false)
	audio, reasons := newCollector(), ended(opened.Audio)
	attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
	audio.wait(t, 5, patience)
	if err := pulse.daemon.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	select {
	case reason := <-reasons:
		t.Errorf("ended with %v", reason)
	case <-time.After(2500 * time.Millisecond):
	}
	if err := pulse.daemon.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	audio.wait(t, audio.count()+50, patience)
}

func TestAServerThatDoesNotAnswerIsNotWaitedForLonger(t *testing.T) {
	pulse := startPulse(t, 440)
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
