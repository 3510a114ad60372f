package device

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gen2brain/malgo"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Backend is where microphones come from.
type Backend string

// The backends that there are of any system.
const (
	Pulse     Backend = "pulse"
	ALSA      Backend = "alsa"
	WASAPI    Backend = "wasapi"
	CoreAudio Backend = "coreaudio"
)

func closeContext(context *malgo.AllocatedContext) {
	_ = context.Uninit()
	context.Free()
}

// Microphones gives those of all backends. ALSA's are left out where PulseAudio
// serves: they are the same, and opening them would take them from it.
func Microphones() []Info {
	for _, backend := range Backends() {
		context, err := backend.open()
		if err != nil {
			continue
		}
		infos := backend.list(context)
		closeContext(context)
		if len(infos) > 0 {
			return infos
		}
	}
	return nil
}

func (b Backend) list(context *malgo.AllocatedContext) []Info {
	devices, err := context.Devices(malgo.Capture)
	if err != nil {
		return nil
	}
	card := slices.ContainsFunc(devices, func(d malgo.DeviceInfo) bool { return strings.HasPrefix(deviceName(d.ID), ":") })
	var infos []Info
	for i := range devices {
		name := deviceName(devices[i].ID)
		if b == ALSA && !alsaLists(name, card, func() bool { return opens(context, devices[i].ID) }) {
			continue
		}
		if strings.HasPrefix(name, ":") {
			name = "hw" + name
		}
		id := string(b) + ":" + name
		info := Info{ID: id, Group: id, Kind: media.Audio, Label: devices[i].Name()}
		if devices[i].IsDefault != 0 {
			infos = slices.Insert(infos, 0, info)
		} else {
			infos = append(infos, info)
		}
	}
	return infos
}

// failure says as which of this package's errors miniaudio's is told.
func failure(err error) error {
	kind := ErrFailed
	switch {
	case errors.Is(err, malgo.ErrDoesNotExist), errors.Is(err, malgo.ErrNoDevice):
		kind = ErrNotFound
	case errors.Is(err, malgo.ErrAccessDenied):
		kind = ErrNotAllowed
	case errors.Is(err, malgo.ErrBusy), errors.Is(err, malgo.ErrAlreadyInUse):
		kind = ErrBusy
	case errors.Is(err, malgo.ErrNoBackend), errors.Is(err, malgo.ErrFailedToInitBackend):
		kind = ErrNoServer
	}
	return fmt.Errorf("%w: %w", kind, err)
}
