package source

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/address"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/capture"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/remote"
)

// defaultTimeout bounds opening.
const defaultTimeout = 10 * time.Second

// Spec names a source. Within a Registry, equal Specs share one.
type Spec struct {
	// Type is file, url or device.
	Type string
	// Value of a file is an absolute path or a file: URL, of a url its URL. The URL of
	// a network makes a url of a file.
	Value string
	// Format is FFmpeg's name of an input format, for devices and URLs.
	Format string
	// Options are FFmpeg's.
	Options map[string]string
	// Loop begins again at the end.
	Loop bool
	// Decode is nil to choose, false to force passthrough, true to force transcoding.
	Decode *bool
	// Constraints are W3C's, which choose the device and its options.
	Constraints device.Constraints
	// Hardware is to encode pictures, where there is some. It is the new tracks' own, not the source's.
	Hardware bool
	// Timeout of opening, and of what stalls; 0 is 10 s.
	Timeout time.Duration
	// TrackID is of the new track, if one is asked for; it has one of its own else.
	TrackID string

	// kind is what a device gives: a microphone is not a camera, whatever it is called.
	kind media.Kind
}

// patience is how long opening may take.
func (s Spec) patience() time.Duration {
	if s.Timeout <= 0 {
		return defaultTimeout
	}
	return s.Timeout
}

// resolve checks a Spec for what is wanted of it, and puts in what it leaves open.
// value is what is opened.
func (s Spec) resolve(kinds []media.Kind) (spec Spec, value string, err error) {
	if s.Type == "device" {
		d, err := s.device().Check(kinds)
		return s.of(d), d.Value, err
	}
	if s.Type == "file" && address.IsURL(s.Value) {
		// The package that this one replaces opened both in the same way.
		s.Type = "url"
	}
	value, err = s.check()
	return s, value, err
}

// device is what it names of a device.
func (s Spec) device() capture.Spec {
	return capture.Spec{
		Kind: s.kind, Format: s.Format, Value: s.Value, Options: s.Options, Constraints: s.Constraints,
		Passed: s.Decode != nil && !*s.Decode, Loop: s.Loop,
	}
}

// of is the same with what was chosen of a device.
func (s Spec) of(d capture.Spec) Spec {
	s.kind, s.Format, s.Value, s.Options, s.Constraints = d.Kind, d.Format, d.Value, d.Options, d.Constraints
	return s
}

// remote is what it names of a URL.
func (s Spec) remote() remote.Spec {
	return remote.Spec{URL: s.Value, Format: s.Format, Options: s.Options, Timeout: s.patience()}
}

// check refuses what this version doesn't open, and gives the value that is opened:
// the clean path of a file.
func (s Spec) check() (value string, err error) {
	unsupported := func(format string, arguments ...any) error {
		return &refusal.Error{Kind: refusal.ErrUnsupported, Message: fmt.Sprintf(format, arguments...)}
	}
	switch s.Type {
	case "file":
	case "url":
		return s.Value, remote.Check(s.remote())
	default:
		return "", &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf(
			"source type %q is unknown: expected \"file\", \"url\" or \"device\"", s.Type)}
	}
	value, err = address.LocalPath(s.Value)
	if err != nil {
		return "", err
	}
	if s.Format != "" {
		return "", unsupported("format %s: a source of type \"file\" takes none, its container is found out; leave it out",
			refusal.Quote(s.Format))
	}
	for name, option := range s.Options {
		if name == remote.OptionPublicOnly || name == container.OptionAlone {
			// It reaches no address at all; and no other file where the app says so.
			continue
		}
		if !container.IsChoice(name) {
			return "", unsupported("option %q is none of a file: expected %q or %q, or leave it out",
				refusal.Shorten(name), container.OptionAudioStream, container.OptionVideoStream)
		}
		if err := container.CheckChoice(name, option); err != nil {
			return "", err
		}
	}
	return value, nil
}

// key is equal for Specs that share a source; value is what check gave.
func (s Spec) key(value string) string {
	var b strings.Builder
	write := func(part string) {
		b.WriteString(strconv.Itoa(len(part)))
		b.WriteByte(':')
		b.WriteString(part)
	}
	write(s.Type)
	write(s.kind.String())
	write(value)
	write(s.Format)
	for _, name := range slices.Sorted(maps.Keys(s.Options)) {
		write(name)
		write(s.Options[name])
	}
	write(strconv.FormatBool(s.Loop))
	if s.Decode != nil {
		write(strconv.FormatBool(*s.Decode))
	}
	return b.String()
}
