package source

import (
	"context"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/capture"
)

// constrain puts the device and the options that Constraints choose in their place. It
// waits no longer than opening may take: devices and their servers may not answer.
func (r *Registry) constrain(ctx context.Context, s Spec, kinds []media.Kind) (Spec, error) {
	if len(s.Constraints) == 0 || s.Type != "device" || s.Format != "" || len(kinds) != 1 {
		return s, nil
	}
	d := s.device()
	d.Kind = kinds[0]
	patience := time.NewTimer(s.patience())
	defer patience.Stop()
	type result struct {
		chosen capture.Spec
		err    error
	}
	chosen := make(chan result, 1)
	r.start("choose a device", func(context.Context) {
		device, err := d.Choose()
		chosen <- result{device, err}
	})
	select {
	case c := <-chosen:
		return s.of(c.chosen), c.err
	case <-r.life.Done():
		return s, errRegistryClosed()
	case <-ctx.Done():
		return s, errCancelled(ctx)
	case <-patience.C:
		return s, d.Slow()
	}
}
