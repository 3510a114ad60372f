// Package device finds microphones and cameras and opens microphones. Cameras
// are opened by FFmpeg, in package source.
package device

import (
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Info is a device that can be opened.
type Info struct {
	// ID opens the device: pulse:NAME, alsa:NAME, or the path of a camera.
	ID string
	// Group is equal for the devices of one piece of hardware.
	Group string
	Kind  media.Kind
	// Label is a name for people.
	Label string
}

// List gives the microphones and the cameras that there are, each kind with the
// default first. What can't be asked has none.
func List() []Info {
	return append(Microphones(), Cameras()...)
}

// Describe names the devices of a kind, for messages.
func Describe(infos []Info, kind media.Kind) string {
	text := ""
	for _, info := range infos {
		if info.Kind != kind {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%q (%s)", info.ID, info.Label)
	}
	return text
}
