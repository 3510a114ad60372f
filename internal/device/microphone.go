package device

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"github.com/gen2brain/malgo"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

const (
	// periodMilliseconds is how much sound comes at a time.
	periodMilliseconds = 20
	// mostWaiting is how much sound waits to be taken, in seconds.
	mostWaiting = 1
)

// MicrophoneOptions says what to open. 0 is what the device has.
type MicrophoneOptions struct {
	// Backend is looked for where it is empty: Pulse before ALSA.
	Backend Backend
	// Name of the device in its backend; empty is the default one.
	Name       string
	SampleRate int
	Channels   int
}

// Microphone records 16-bit sound. It is safe for concurrent use.
type Microphone struct {
	owner   context.Context //nolint:containedctx // whose the device is
	backend Backend
	name    string
	context *malgo.AllocatedContext
	device  *malgo.Device
	// rate and channels are of the samples.
	rate, channels int
	ready          chan struct{}

	// life guards closed: device is freed after it.
	life   sync.Mutex
	closed bool

	mu      sync.Mutex
	samples []int16
	lost    bool
}

// OpenMicrophone begins to record. It may wait for as long as a server of sound
// takes to answer. It fails with one of this package's errors. It does not end with
// ctx, whose owner is told of a panic on miniaudio's thread.
func OpenMicrophone(ctx context.Context, options MicrophoneOptions) (*Microphone, error) {
	backends := Backends()
	if options.Backend != "" {
		backends = []Backend{options.Backend}
	}
	var failures []error
	for _, backend := range backends {
		m, err := openMicrophone(ctx, backend, options)
		if err == nil {
			return m, nil
		}
		failures = append(failures, err)
	}
	// A refusal tells more than a server that isn't there.
	for _, err := range failures {
		if !errors.Is(err, ErrNoServer) && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrNotFound, errors.Join(failures...))
}

func openMicrophone(owner context.Context, backend Backend, options MicrophoneOptions) (*Microphone, error) {
	context, err := backend.open()
	if err != nil {
		return nil, err
	}
	if backend == Pulse {
		// Pulse tells of a name that it doesn't have as of any other failure.
		known := slices.ContainsFunc(backend.list(context), func(info Info) bool {
			return options.Name == "" || info.ID == string(Pulse)+":"+options.Name
		})
		if !known {
			closeContext(context)
			return nil, fmt.Errorf("pulse: %w", ErrNotFound)
		}
	}
	m := &Microphone{owner: owner, backend: backend, name: options.Name, context: context, ready: make(chan struct{}, 1)}
	if err := m.start(options); err != nil {
		closeContext(context)
		return nil, fmt.Errorf("%s: %w", backend, err)
	}
	return m, nil
}

func (m *Microphone) start(options MicrophoneOptions) error {
	config := malgo.DefaultDeviceConfig(malgo.Capture)
	config.PeriodSizeInMilliseconds = periodMilliseconds
	config.SampleRate = uint32(max(options.SampleRate, 0))
	config.Capture.Format = malgo.FormatS16
	config.Capture.Channels = uint32(max(options.Channels, 0))
	config.Pulse.StreamNameCapture = "mediasoup-client"
	if options.Name != "" {
		id, err := deviceID(options.Name)
		if err != nil {
			return err
		}
		// malgo's own way to pass an id leaves the memory behind.
		var pinned runtime.Pinner
		defer pinned.Unpin()
		pinned.Pin(&id)
		config.Capture.DeviceID = unsafe.Pointer(&id)
	}
	device, err := malgo.InitDevice(m.context.Context, config, malgo.DeviceCallbacks{Data: m.take})
	if options.Name == "" && errors.Is(err, malgo.ErrFailedToOpenBackendDevice) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return failure(err)
	}
	m.device = device
	m.rate, m.channels = int(device.SampleRate()), int(device.CaptureChannels())
	if err := device.Start(); err != nil {
		device.Uninit()
		return failure(err)
	}
	return nil
}

// take runs on a thread of miniaudio's: it copies, and waits for nothing.
func (m *Microphone) take(_, input []byte, _ uint32) {
	const name = "samples of a microphone"
	defer recovery.Recover(m.owner, name, nil)
	recovery.Enter(m.owner, name)
	if len(input) < 2 {
		return
	}
	samples := unsafe.Slice((*int16)(unsafe.Pointer(&input[0])), len(input)/2)
	m.keep(samples)
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

func (m *Microphone) keep(samples []int16) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.samples)+len(samples) > max(m.rate*m.channels, 1)*mostWaiting {
		m.samples, m.lost = m.samples[:0], true
	}
	m.samples = append(m.samples, samples...)
}

// ID opens the same device again; it names the default one by its backend only.
func (m *Microphone) ID() string { return string(m.backend) + ":" + m.name }

// SampleRate is of what is recorded, in Hz.
func (m *Microphone) SampleRate() int { return m.rate }

// Channels are what is recorded, interleaved.
func (m *Microphone) Channels() int { return m.channels }

// Ready tells that there is something to read.
func (m *Microphone) Ready() <-chan struct{} { return m.ready }

// Read takes what was recorded, into the memory of into. lost says that some
// of it was not taken in time before.
func (m *Microphone) Read(into []int16) (samples []int16, lost bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	samples, lost = m.samples, m.lost
	m.samples, m.lost = into[:0], false
	return samples, lost
}

// Check says why nothing comes any more: ErrLost, or nil where the device is
// still there, but silent. It may wait for as long as a server of sound takes.
func (m *Microphone) Check() error {
	if !m.started() {
		return ErrLost
	}
	if m.backend != Pulse {
		return nil
	}
	// miniaudio doesn't tell of a server of PulseAudio that has gone.
	context, err := Pulse.open()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	defer closeContext(context)
	for _, info := range Pulse.list(context) {
		if m.name == "" || info.ID == m.ID() {
			return nil
		}
	}
	return ErrLost
}

// started is false for a device that miniaudio gave up. A closed one wasn't lost.
func (m *Microphone) started() bool {
	m.life.Lock()
	defer m.life.Unlock()
	return m.closed || m.device.IsStarted()
}

// Close ends the recording and frees the device. It may be called twice.
func (m *Microphone) Close() {
	m.life.Lock()
	closed := m.closed
	m.closed = true
	m.life.Unlock()
	if !closed {
		// Uninit alone waits for the next sound, which may never come.
		_ = m.device.Stop()
		m.device.Uninit()
		closeContext(m.context)
	}
}
