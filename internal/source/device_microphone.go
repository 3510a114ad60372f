package source

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// checkSilence is how long a microphone may give nothing before it is looked at.
const checkSilence = time.Second

// microphone is the engine of a device that gives sound, as it comes.
type microphone struct {
	spec   Spec
	start  Start
	device *device.Microphone
	output output

	resampler *av.Resampler
	pieces    pieces
	samples   []int16
	began     time.Time
	// broken says that what comes next doesn't follow what came last.
	broken bool
}

// openMicrophone waits no longer than ctx: sound servers may not answer.
func openMicrophone(ctx context.Context, start Start, spec Spec) (engine, error) {
	options, err := microphoneOptions(spec)
	if err != nil {
		return nil, err
	}
	type result struct {
		device *device.Microphone
		err    error
	}
	opened := make(chan result)
	start("open "+spec.deviceName(), func(outer context.Context) {
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
		return nil, &Error{Kind: ErrTimeout, Message: fmt.Sprintf(
			"%s took too long to open: its server does not answer; restart it, or raise timeout", spec.deviceName())}
	}
	return nil, &Error{Kind: ErrClosed, Message: fmt.Sprintf("opening %s was cancelled", spec.deviceName())}
}

// microphoneOptions are those of FFmpeg's devices that make sense here.
func microphoneOptions(spec Spec) (device.MicrophoneOptions, error) {
	options := device.MicrophoneOptions{Backend: device.Backend(spec.Format), Name: spec.Value}
	for name, value := range spec.Options {
		into := map[string]*int{
			"sample_rate": &options.SampleRate, "channels": &options.Channels, "ac": &options.Channels,
		}[name]
		if into == nil {
			return options, &Error{Kind: ErrUnsupported, Message: fmt.Sprintf(
				"option %q of %s does not exist: expected sample_rate or channels", shorten(name), spec.deviceName())}
		}
		n, err := strconv.Atoi(value)
		if most := map[bool]int{true: 384000, false: 8}[name == "sample_rate"]; err != nil || n < 1 || n > most {
			return options, &Error{Kind: ErrInvalid, Message: fmt.Sprintf(
				"option %q of %s is %q: expected a number from 1 to %d", name, spec.deviceName(), shorten(value), most)}
		}
		*into = n
	}
	return options, nil
}

func newMicrophone(spec Spec, start Start, opened *device.Microphone) *microphone {
	m := &microphone{spec: spec, start: start, device: opened, began: time.Now(), broken: true}
	m.pieces.channels = min(opened.Channels(), 2)
	m.resampler = av.NewResampler(audioRate, m.pieces.channels)
	return m
}

func (m *microphone) name() string { return m.spec.deviceName() }

func (m *microphone) can(kind media.Kind) error { return m.spec.only(kind) }

func (m *microphone) framerate() float64 { return 0 }

func (m *microphone) live() bool { return true }

func (m *microphone) deliverTo(o output) { m.output = o }

func (m *microphone) prime(media.Kind) {}

func (m *microphone) run(ctx context.Context, _ <-chan struct{}) {
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
				m.start("look at "+m.name(), func(context.Context) { checked <- m.device.Check() })
			}
		case err := <-checked:
			checking = false
			if err != nil {
				m.output.endKind(media.Audio, lostError(m.spec, err))
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
	if !m.output.wanted(media.Audio) {
		m.broken = true
		return
	}
	converted, err := m.resampler.ConvertSamples(samples, m.device.SampleRate(), m.device.Channels())
	if err != nil {
		m.output.endKind(media.Audio, &Error{Kind: ErrBroken, Cause: err, Message: m.name() + " gives sound of no use"})
		return
	}
	if m.broken || lost {
		m.pieces.clear()
		m.broken = false
		length := time.Duration(len(converted)/m.pieces.channels) * time.Second / audioRate
		m.pieces.add(converted, max(time.Since(m.began)-length, 0), 0)
	} else {
		m.pieces.add(converted, av.NoTime, 0)
	}
	for len(m.pieces.ready) > 0 {
		piece := m.pieces.take()
		m.output.deliverAudio(piece)
		m.pieces.recycle(piece)
	}
}

func (m *microphone) close() {
	m.device.Close()
	m.resampler.Close()
}

// only refuses the kind that a device doesn't give.
func (s Spec) only(kind media.Kind) error {
	if kind == s.kind {
		return nil
	}
	return &Error{Kind: ErrNotSupported, Message: fmt.Sprintf("%s gives no %v: ask for %v, or name another device",
		s.deviceName(), kind, s.kind)}
}
