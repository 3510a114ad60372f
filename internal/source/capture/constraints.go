package capture

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// Choose puts in the device and the options that its constraints ask for.
func (s Spec) Choose() (Spec, error) {
	options := maps.Clone(s.Options)
	if options == nil {
		options = make(map[string]string)
	}
	var err error
	if s.Kind == media.Video {
		var mode device.Mode
		s.Value, mode, err = device.ChooseCamera(s.Constraints)
		options["video_size"] = fmt.Sprintf("%dx%d", mode.Width, mode.Height)
		if mode.Rate > 0 {
			options["framerate"] = strconv.FormatFloat(mode.Rate, 'f', -1, 64)
		}
		if mode.Format != "" {
			options["input_format"] = mode.Format
		}
	} else {
		var rate, channels int
		s.Value, rate, channels, err = device.ChooseMicrophone(s.Constraints)
		if rate > 0 {
			options["sample_rate"] = strconv.Itoa(rate)
		}
		if channels > 0 {
			options["channels"] = strconv.Itoa(channels)
		}
	}
	if err != nil {
		return s, constraintError(s.Kind, err)
	}
	s.Options, s.Constraints = options, nil
	return s, nil
}

func constraintError(kind media.Kind, err error) error {
	var unmet *device.OverconstrainedError
	if errors.As(err, &unmet) {
		return &refusal.Error{
			Kind: refusal.ErrOverconstrained, Constraint: unmet.Constraint, Cause: err,
			Message: fmt.Sprintf("%s: no %s meets what is required; %s",
				cmp.Or(unmet.Constraint, "the constraints together"), deviceWord(kind), known(kind)),
		}
	}
	return &refusal.Error{Kind: refusal.ErrNotFound, Cause: err, Message: known(kind)}
}

func deviceWord(kind media.Kind) string {
	if kind == media.Video {
		return "camera"
	}
	return "microphone"
}

// Slow says that nothing could be chosen in time.
func (s Spec) Slow() error {
	return &refusal.Error{Kind: refusal.ErrTimeout, Message: fmt.Sprintf(
		"no %s could be chosen in time: a device or its server does not answer; restart it, or raise timeout",
		deviceWord(s.Kind))}
}
