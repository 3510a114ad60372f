package capture

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/engine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/routine"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// checkSilence is how long a microphone may give nothing before it is looked at.
const checkSilence = time.Second

// microphone is the engine of a device that gives sound, as it comes.
type microphone struct {
	spec   Spec
	start  routine.Start
	device *device.Microphone
	output engine.Output

	resampler *av.Resampler
	pieces    *sound.Pieces
	samples   []int16
	began     time.Time
	// broken says that what comes next doesn't follow what came last.
	broken bool
}

// openMicrophone waits no longer than ctx: sound servers may not answer.
func openMicrophone(ctx context.Context, start routine.Start, spec Spec) (engine.Engine, error) {
	options, err := microphoneOptions(spec)
	if err != nil {
		return nil, err
	}
	type result struct {
		device *device.Microphone
		err    error
	}
	opened := make(chan result)
	start("record from "+spec.deviceName(), func(outer context.Context) {
		opening, err := device.OpenMicrophone(outer, options)
		select {
		case opened <- result{opening, err}:
		case <-ctx.Done():
			if err == nil {
				opening.Close()
			}
		}
	})
	select {
	case r := <-opened:
		if r.err != nil {
			return nil, deviceError(spec, r.err)
		}
		return newMicrophone(spec, start, r.device), nil
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, &refusal.Error{Kind: refusal.ErrTimeout, Message: fmt.Sprintf(
			"%s took too long to open: its server does not answer; restart it, or raise timeout", spec.deviceName())}
	}
	return nil, &refusal.Error{Kind: refusal.ErrClosed, Message: fmt.Sprintf("opening %s was cancelled", spec.deviceName())}
}

// microphoneOptions are those of FFmpeg's devices that make sense here.
func microphoneOptions(spec Spec) (device.MicrophoneOptions, error) {
	options := device.MicrophoneOptions{Backend: device.Backend(spec.Format), Name: spec.Value}
	for name, value := range spec.Options {
		into := map[string]*int{
			"sample_rate": &options.SampleRate, "channels": &options.Channels, "ac": &options.Channels,
		}[name]
		if into == nil {
			return options, &refusal.Error{Kind: refusal.ErrUnsupported, Message: fmt.Sprintf(
				"option %q of %s does not exist: expected sample_rate or channels", refusal.Shorten(name), spec.deviceName())}
		}
		n, err := strconv.Atoi(value)
		if most := map[bool]int{true: 384000, false: 8}[name == "sample_rate"]; err != nil || n < 1 || n > most {
			return options, &refusal.Error{Kind: refusal.ErrInvalid, Message: fmt.Sprintf(
				"option %q of %s is %q: expected a number from 1 to %d", name, spec.deviceName(), refusal.Shorten(value), most)}
		}
		*into = n
	}
	return options, nil
}

func newMicrophone(spec Spec, start routine.Start, opened *device.Microphone) *microphone {
	m := &microphone{spec: spec, start: start, device: opened, began: time.Now(), broken: true}
	m.pieces = sound.New(min(opened.Channels(), 2))
	m.resampler = av.NewResampler(sound.Rate, m.pieces.Channels())
	return m
}

func (m *microphone) Name() string { return m.spec.deviceName() }

func (m *microphone) Can(kind media.Kind) error { return m.spec.only(kind) }

func (m *microphone) Framerate() float64 { return 0 }

func (m *microphone) Live() bool { return true }

func (m *microphone) DeliverTo(o engine.Output) { m.output = o }

func (m *microphone) Prime(media.Kind) {}

func (m *microphone) Run(ctx context.Context, _ <-chan struct{}) {
	silence := time.NewTimer(checkSilence)
	defer silence.Stop()
	checking, checked := false, make(chan error, 1)
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.device.Ready():
			m.deliver()
			silence.Reset(checkSilence)
		case <-silence.C:
			if !checking {
				checking = true
				m.start("look at "+m.Name(), func(context.Context) { checked <- m.device.Check() })
			}
		case err := <-checked:
			checking = false
			if err != nil {
				m.output.EndKind(media.Audio, lostError(m.spec, err))
				return
			}
			silence.Reset(checkSilence)
		}
	}
}

// deliver hands out what was recorded, without a wait: it is due when it is there.
func (m *microphone) deliver() {
	samples, lost := m.device.Read(m.samples)
	m.samples = samples
	if !m.output.Wanted(media.Audio) {
		m.broken = true
		return
	}
	converted, err := m.resampler.ConvertSamples(samples, m.device.SampleRate(), m.device.Channels())
	if err != nil {
		m.output.EndKind(media.Audio, &refusal.Error{Kind: refusal.ErrBroken, Cause: err, Message: m.Name() + " gives sound of no use"})
		return
	}
	if m.broken || lost {
		m.pieces.Clear()
		m.broken = false
		length := time.Duration(len(converted)/m.pieces.Channels()) * time.Second / sound.Rate
		m.pieces.Add(converted, max(time.Since(m.began)-length, 0), 0)
	} else {
		m.pieces.Add(converted, av.NoTime, 0)
	}
	for m.pieces.Waiting() > 0 {
		piece := m.pieces.Take()
		m.output.DeliverAudio(piece)
		m.pieces.Recycle(piece)
	}
}

func (m *microphone) Close() {
	m.device.Close()
	m.resampler.Close()
}

// only refuses the kind that a device doesn't give.
func (s Spec) only(kind media.Kind) error {
	if kind == s.Kind {
		return nil
	}
	return &refusal.Error{Kind: refusal.ErrNotSupported, Message: fmt.Sprintf("%s gives no %v: ask for %v, or name another device",
		s.deviceName(), kind, s.Kind)}
}
