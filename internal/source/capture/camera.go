package capture

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/errno"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

const (
	// mostCameraFailures is how often reading may fail on end, each time after
	// cameraRest: cables and drivers have their moments.
	mostCameraFailures = 10
	cameraRest         = 50 * time.Millisecond
)

// camera is the engine of a device that gives pictures, as they come: a camera
// or a screen, through FFmpeg.
type camera struct {
	spec    Spec
	packets packets
	// rate is in pictures a second; 0 is unknown.
	rate    float64
	decoder *av.VideoDecoder
	output  engine.Output
	// interval is waited between pictures where FFmpeg would do it, deaf to
	// all else; 0 where the device tells when there is one.
	interval time.Duration
	clock    cameraClock
	failures int
}

// packets is where pictures come from.
type packets interface {
	Read() (*av.Packet, error)
	Close()
}

func openCamera(spec Spec) (engine.Engine, error) {
	if spec.Kind != media.Video {
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf(
			"%s gives no sound: expected format alsa, pulse or lavfi for audio, or none", spec.deviceName())}
	}
	options, value := maps.Clone(spec.Options), spec.Value
	switch spec.Format {
	case formatV4L2:
		options = cameraOptions(spec)
	case formatDshow:
		// It takes what gives sound by the same name.
		value = "video=" + strings.TrimPrefix(value, "video=")
	}
	demuxer, err := av.OpenDevice(spec.Format, value, options)
	if err != nil {
		return nil, deviceError(spec, err)
	}
	c, err := container.New(spec.deviceName(), demuxer)
	if err != nil {
		return nil, err
	}
	if c.Video() == nil {
		demuxer.Close()
		return nil, &refusal.Error{Kind: refusal.ErrNotSupported, Message: spec.deviceName() + " gives no pictures: ask for another format"}
	}
	decoder, err := av.NewVideoDecoder(*c.Video())
	if err != nil {
		demuxer.Close()
		return nil, c.DecoderError(c.Video(), err)
	}
	demuxer.SetActive(c.Video().Index, true)
	cam := &camera{spec: spec, packets: demuxer, rate: c.Video().Framerate, decoder: decoder, clock: newCameraClock(time.Now())}
	if spec.Format == formatScreen && c.Video().Framerate > 0 {
		cam.interval = time.Duration(float64(time.Second) / c.Video().Framerate)
	}
	return cam, nil
}

// cameraOptions adds the format that the camera gives best, unless it was chosen.
func cameraOptions(spec Spec) map[string]string {
	options := maps.Clone(spec.Options)
	if options == nil {
		options = make(map[string]string)
	}
	for _, name := range []string{"input_format", "pixel_format", "standard", "list_formats"} {
		if _, chosen := options[name]; chosen {
			return options
		}
	}
	width, height := parseSize(options["video_size"])
	rate, _ := strconv.ParseFloat(options["framerate"], 64)
	if mode := device.CameraMode(spec.Value, width, height, rate); mode.Format != "" {
		options["input_format"] = mode.Format
		options["video_size"] = fmt.Sprintf("%dx%d", mode.Width, mode.Height)
	}
	return options
}

// parseSize reads 640x480; what isn't that is left to FFmpeg, which knows names too.
func parseSize(size string) (width, height int) {
	w, h, ok := strings.Cut(size, "x")
	width, wrongWidth := strconv.Atoi(w)
	height, wrongHeight := strconv.Atoi(h)
	if !ok || wrongWidth != nil || wrongHeight != nil {
		return 640, 480
	}
	return width, height
}

func (c *camera) Name() string { return c.spec.deviceName() }

func (c *camera) Can(kind media.Kind) error { return c.spec.only(kind) }

func (c *camera) Framerate() float64 { return c.rate }

func (c *camera) Live() bool { return true }

func (c *camera) DeliverTo(o engine.Output) { c.output = o }

func (c *camera) Prime(media.Kind) {}

func (c *camera) Run(ctx context.Context, _ <-chan struct{}) {
	// FFmpeg gives the first picture of a screen one interval after it was opened.
	next := c.clock.began
	if c.interval > 0 {
		next = next.Add(c.interval)
	}
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		wait, err := c.step()
		if err != nil {
			c.output.EndKind(media.Video, err)
			return
		}
		if c.interval > 0 && wait == 0 {
			// What is late is not made up for.
			next = next.Add(c.interval)
			if now := time.Now(); next.Before(now) {
				next = now
			}
			wait = time.Until(next)
		}
		timer.Reset(wait)
	}
}

// step reads one picture, if there is one, and says how long to wait for the next.
func (c *camera) step() (time.Duration, error) {
	packet, err := c.packets.Read()
	switch {
	case errors.Is(err, av.ErrAgain):
		return c.clock.pause(time.Now()), nil
	case err != nil:
		if c.failures++; c.failures >= mostCameraFailures || errno.Is(err, syscall.ENODEV) {
			return 0, lostError(c.spec, err)
		}
		return cameraRest, nil
	}
	c.failures = 0
	at := c.clock.place(packet.PTS, time.Now(), steadyTime())
	// Pictures that nobody wants are read too, or old ones would come first later.
	if c.output.Wanted(media.Video) {
		c.show(packet, at)
	}
	packet.Release()
	return 0, nil
}

func (c *camera) show(packet *av.Packet, at time.Duration) {
	if c.decoder.Send(packet) != nil {
		// MJPEG of cameras is often damaged: the next picture will do.
		return
	}
	for {
		frame, _, err := c.decoder.Receive(nil)
		if err != nil {
			return
		}
		frame.PTS = at
		c.output.DeliverVideo(frame, 0)
		frame.Release()
	}
}

func (c *camera) Close() {
	c.decoder.Close()
	c.packets.Close()
}
