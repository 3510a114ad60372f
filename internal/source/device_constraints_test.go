package source_test

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

func exactly(name string, n float64) device.Constraint {
	return device.Constraint{Name: name, Exact: &n}
}

func wished(name string, n float64) device.Constraint {
	return device.Constraint{Name: name, Ideal: &n}
}

func TestAMicrophoneIsOpenedAsItsConstraintsAsk(t *testing.T) {
	pulse := startPulse(t, 440)
	here := device.Constraint{Name: "deviceId", ExactIDs: []string{"pulse:gone", "pulse:speaker.monitor"}}
	gone := device.Constraint{Name: "deviceId", IdealIDs: []string{"pulse:gone"}}
	for _, test := range []struct {
		constraints device.Constraints
		// shown is what PulseAudio says of the recording.
		shown string
	}{
		{device.Constraints{here, exactly("sampleRate", 44100), exactly("channelCount", 1)}, "s16le 1ch 44100Hz"},
		{device.Constraints{gone, wished("sampleRate", 16000), exactly("channelCount", 2)}, "s16le 2ch 16000Hz"},
		{device.Constraints{wished("sampleRate", 22050), wished("channelCount", 3)}, "s16le 3ch 22050Hz"},
	} {
		f := newFixture(t)
		opened := f.open(t, source.Spec{Type: "device", Constraints: test.constraints}, true, false)
		hearTone(t, f, opened.Audio)
		if list := strings.Join(strings.Fields(pulse.control("list", "short", "source-outputs")), " "); !strings.Contains(list, test.shown) {
			t.Errorf("%+v: %q, want %q", test.constraints, list, test.shown)
		}
		opened.Audio.Stop()
	}
}

func TestAConstraintThatIsNotMetIsToldByName(t *testing.T) {
	startPulse(t, 440)
	f := newFixture(t)
	for _, test := range []struct {
		constraints device.Constraints
		name        string
	}{
		{device.Constraints{{Name: "deviceId", ExactIDs: []string{"pulse:gone"}}, exactly("sampleRate", 8000)}, "deviceId"},
		{device.Constraints{{Name: "groupId", ExactIDs: []string{"none"}}}, "groupId"},
		{device.Constraints{wished("sampleRate", 8000), exactly("channelCount", 9)}, "channelCount"},
	} {
		_, err := f.registry.Open(t.Context(), source.Spec{Type: "device", Constraints: test.constraints}, true, false)
		var refused *source.Error
		if !errors.As(err, &refused) || !errors.Is(err, source.ErrOverconstrained) || refused.Constraint != test.name ||
			!strings.Contains(err.Error(), "pulse:speaker.monitor") {
			t.Errorf("%+v: %v", test.constraints, err)
		}
	}
}

func TestConstraintsOfNoCameraFindNone(t *testing.T) {
	if len(device.Cameras()) > 0 {
		// The other half: with a camera, a size that none has.
		f := newFixture(t)
		spec := source.Spec{Type: "device", Constraints: device.Constraints{exactly("width", 3)}}
		if _, err := f.registry.Open(t.Context(), spec, false, true); err == nil {
			t.Error("a camera of 3 pixels")
		}
		return
	}
	f := newFixture(t)
	spec := source.Spec{Type: "device", Constraints: device.Constraints{exactly("width", 640)}}
	if _, err := f.registry.Open(t.Context(), spec, false, true); !errors.Is(err, source.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestChoosingADeviceEndsInTime(t *testing.T) {
	pulse := startPulse(t, 440)
	if err := pulse.daemon.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t)
	spec := source.Spec{
		Type: "device", Timeout: 200 * time.Millisecond,
		Constraints: device.Constraints{{Name: "deviceId", IdealIDs: []string{"pulse:speaker.monitor"}}},
	}
	if _, err := f.registry.Open(t.Context(), spec, true, false); !errors.Is(err, source.ErrTimeout) {
		t.Errorf("%v", err)
	}
	if err := pulse.daemon.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}
