//go:build !windows

package device

import (
	"fmt"
	"strings"

	"github.com/gen2brain/malgo"
)

// deviceName is what Pulse, ALSA and CoreAudio call the device: text that ends with a NUL.
func deviceName(id malgo.DeviceID) string {
	name, _, _ := strings.Cut(string(id[:]), "\x00")
	return name
}

// deviceID is the other way.
func deviceID(name string) (malgo.DeviceID, error) {
	var id malgo.DeviceID
	if len(name) >= len(id) || strings.ContainsRune(name, 0) {
		return id, fmt.Errorf("%w: its name is too long or has a NUL character", ErrNotFound)
	}
	copy(id[:], name)
	return id, nil
}
