package capture

import (
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// OpenGraph opens a graph of FFmpeg's filters, which makes its own pictures and
// sound as fast as they are taken: a player gives them their time.
func OpenGraph(spec Spec) (*container.Container, error) {
	for name := range spec.Options {
		// FFmpeg's own would read a file.
		return nil, &refusal.Error{Kind: refusal.ErrUnsupported, Message: fmt.Sprintf(
			"option %q of %s does not exist: put all of it into the graph", refusal.Shorten(name), spec.deviceName())}
	}
	if spec.Loop {
		return nil, &refusal.Error{Kind: refusal.ErrUnsupported, Message: fmt.Sprintf(
			"%s can't begin again (loop): leave its duration out, and it has no end", spec.deviceName())}
	}
	demuxer, err := av.OpenDevice(formatLavfi, spec.Value, nil)
	if err != nil {
		return nil, deviceError(spec, err)
	}
	c, err := container.New(spec.deviceName(), demuxer)
	if err != nil {
		return nil, err
	}
	if v := c.Video(); v != nil && (v.Width > av.MostPixels || v.Height > av.MostPixels || v.Width*v.Height > av.MostPixels) {
		demuxer.Close()
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"%s makes pictures of %dx%d: expected %d pixels at the most", spec.deviceName(), v.Width, v.Height, av.MostPixels)}
	}
	// It has neither times to seek nor a second beginning.
	c.SetSequential()
	return c, nil
}
