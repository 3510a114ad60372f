package device

import (
	"errors"
	"strings"

	"github.com/gen2brain/malgo"
)

// alsaLists reports whether a name that ALSA tells of is listed as a microphone. ALSA
// tells of plug-ins too (Debian's libasound2-plugins has a dozen), which record
// nothing by themselves. What is not listed can be opened by its name all the same.
// card says that there is a card; opens tries the name.
func alsaLists(name string, card bool, opens func() bool) bool {
	if strings.HasPrefix(name, ":") {
		// miniaudio's way of naming a card's device.
		return true
	}
	plugin, _, _ := strings.Cut(name, ":")
	switch plugin {
	case "", "null":
		return false
	case "lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix", "a52", "usbstream":
		// They convert what another device gives.
		return false
	case "pulse":
		// ALSA is asked where PulseAudio has nothing.
		return false
	case "jack", "oss":
		// To try them is to start a server, or to be told at length on stderr that there is none.
		return false
	case "pipewire":
		return opens()
	case "default":
		return card || opens()
	default:
		// The user's own configuration names it.
		return true
	}
}

// opens reports whether ALSA has what the name stands for, busy or not.
func opens(context *malgo.AllocatedContext, id malgo.DeviceID) bool {
	_, err := context.DeviceInfo(malgo.Capture, id, malgo.Shared)
	return err == nil || errors.Is(failure(err), ErrBusy)
}
