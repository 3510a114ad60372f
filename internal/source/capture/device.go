package capture

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
)

// Formats of devices that are treated apart. The others are just FFmpeg's.
const (
	formatALSA  = "alsa"
	formatV4L2  = "v4l2"
	formatDshow = "dshow"
	formatLavfi = "lavfi"
)

// defaultALSA is the microphone of format alsa that has no name.
const defaultALSA = "hw:0"

// Spec names a device.
type Spec struct {
	// Kind is what it gives: a microphone is not a camera, whatever it is called.
	Kind media.Kind
	// Format is FFmpeg's name of a kind of devices, "" is microphones and cameras.
	Format, Value string
	// Options are FFmpeg's.
	Options map[string]string
	// Constraints are W3C's, which choose the device and its options.
	Constraints device.Constraints
	// Passed and loop were asked for: that nothing is decoded, that it begins again.
	Passed, Loop bool
}

// Check gives the device with nothing left to be chosen. Kinds are what is wanted of it.
func (s Spec) Check(kinds []media.Kind) (Spec, error) {
	if s.Passed {
		return s, &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"device %q can't be passed through (decode: false): what it gives is not coded; leave decode out", s.Value)}
	}
	switch s.Format {
	case "v4f2", "video4linux2":
		// The first is a slip of the pen in the documents of the package that this replaces.
		s.Format = formatV4L2
	}
	if s.Format != "" && !slices.Contains(deviceFormats(), s.Format) {
		return s, &refusal.Error{Kind: refusal.ErrUnsupported, Message: fmt.Sprintf(
			"format %s of a device is not in this build: expected one of %s, or none, for microphones and cameras",
			refusal.Quote(s.Format), strings.Join(deviceFormats(), ", "))}
	}
	if s.Format != formatLavfi {
		if len(kinds) > 1 {
			return s, &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf(
				"device %s was asked for audio and video at once: open a microphone and a camera apart", refusal.Quote(s.Value))}
		}
		s.Kind = kinds[0]
	}
	return s.chooseDevice()
}

// chooseDevice puts in the default where no device is named.
func (s Spec) chooseDevice() (Spec, error) {
	s.adoptMicrophone()
	if s.Value == "default" && s.Kind == media.Video {
		s.Value = ""
	}
	switch {
	case strings.ContainsRune(s.Value, 0):
		return s, &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf("device %s has a NUL character", refusal.Quote(s.Value))}
	case s.Format == "" && s.Kind == media.Audio:
		s.chooseMicrophone()
	case s.Format == formatALSA && s.Value == "":
		s.Value = defaultALSA
	case isOfMicrophones(s.Format):
		s.Value = strings.TrimPrefix(s.Value, s.Format+":")
	case (s.Format == "" || s.Format == formatCamera) && s.Kind == media.Video:
		s.Format = formatCamera
		if s.Value == "" {
			s.Value = device.FirstCamera()
		}
	case s.Format == formatScreen && s.Value == "":
		if defaultScreen == "" {
			return s, noScreen()
		}
		s.Value = defaultScreen
	case s.Format == formatLavfi && s.Value == "":
		return s, &refusal.Error{Kind: refusal.ErrInvalid, Message: `device of format "lavfi" is empty: ` +
			`expected a graph of filters, "testsrc2=size=640x360:rate=30" for example`}
	}
	return s, nil
}

// chooseMicrophone takes a device id apart: pulse:NAME or alsa:NAME. Others are
// names that are looked for.
func (s *Spec) chooseMicrophone() {
	if s.Value == "default" {
		s.Value = ""
	}
	for _, backend := range device.Backends() {
		if name, ok := strings.CutPrefix(s.Value, string(backend)+":"); ok {
			s.Format, s.Value = string(backend), name
			return
		}
	}
}

// noScreen is of a process without DISPLAY, which JavaScript looks at: Go has the
// environment of the time at which it was loaded.
func noScreen() *refusal.Error {
	return &refusal.Error{Kind: refusal.ErrNotFound, Message: "there is no screen: DISPLAY is not set, and a Wayland session " +
		`without XWayland can't be recorded; start an X server (Xvfb for example) and set DISPLAY, or name it, as in ":0.0"`}
}

// deviceFormats are what a device's format may be, sorted.
func deviceFormats() []string {
	names := av.Devices()
	for _, backend := range device.Backends() {
		names = append(names, string(backend))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isOfMicrophones says that a format is one of this system's backends of sound.
func isOfMicrophones(format string) bool {
	return slices.Contains(device.Backends(), device.Backend(format))
}

// IsGraph says that it is a graph of filters, which openGraph opens.
func (s Spec) IsGraph() bool { return s.Format == formatLavfi }

// Open opens what a checked spec names, but a graph of filters.
func Open(ctx context.Context, start routine.Start, spec Spec) (engine.Engine, error) {
	switch {
	case spec.Kind == media.Audio && (spec.Format == "" || isOfMicrophones(spec.Format)):
		return openMicrophone(ctx, start, spec)
	case isOfMicrophones(spec.Format):
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"%s gives no video: format %q is of microphones; ask for audio", spec.deviceName(), spec.Format)}
	default:
		return openCamera(spec)
	}
}

// deviceName is how messages call a device.
func (s Spec) deviceName() string {
	what := "device"
	switch {
	case s.Format == formatLavfi:
		what = "filter graph"
	case s.Format == formatScreen:
		what = "screen"
	case s.Kind == media.Video:
		what = "camera"
	case s.Format == "" || isOfMicrophones(s.Format):
		what = "microphone"
		if s.Value == "" {
			return "the default microphone"
		}
	}
	return what + " " + refusal.Quote(s.Value)
}
