package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// constrain puts the device and the options that Constraints choose in their place. It
// waits no longer than opening may take: devices and their servers may not answer.
func (r *Registry) constrain(ctx context.Context, s Spec, kinds []media.Kind) (Spec, error) {
	if len(s.Constraints) == 0 || s.Type != "device" || s.Format != "" || len(kinds) != 1 {
		return s, nil
	}
	s.kind = kinds[0]
	patience := time.NewTimer(s.patience())
	defer patience.Stop()
	type result struct {
		spec Spec
		err  error
	}
	chosen := make(chan result, 1)
	r.start("choose a device", func(context.Context) {
		spec, err := s.choose()
		chosen <- result{spec, err}
	})
	select {
	case c := <-chosen:
		return c.spec, c.err
	case <-r.life.Done():
		return s, errRegistryClosed()
	case <-ctx.Done():
		return s, errCancelled(ctx)
	case <-patience.C:
		return s, &refusal.Error{Kind: refusal.ErrTimeout, Message: fmt.Sprintf(
			"no %s could be chosen in time: a device or its server does not answer; restart it, or raise timeout",
			deviceWord(s.kind))}
	}
}

func (s Spec) choose() (Spec, error) {
	options := maps.Clone(s.Options)
	if options == nil {
		options = make(map[string]string)
	}
	var err error
	if s.kind == media.Video {
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
		return s, constraintError(s.kind, err)
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
