package device

import (
	"encoding/binary"
	"fmt"

	"github.com/gen2brain/malgo"
	"golang.org/x/sys/windows"
)

// mostNameUnits is how many UTF-16 units, a NUL included, miniaudio has for what WASAPI calls a device.
const mostNameUnits = 64

// Backends lists those of this system.
func Backends() []Backend { return []Backend{WASAPI} }

// open connects to the backend. The caller closes the context.
func (b Backend) open() (*malgo.AllocatedContext, error) {
	return b.connect(malgo.BackendWasapi)
}

// deviceName is what WASAPI calls the device.
func deviceName(id malgo.DeviceID) string {
	units := make([]uint16, mostNameUnits)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(id[2*i:])
	}
	return windows.UTF16ToString(units)
}

// deviceID is the other way.
func deviceID(name string) (malgo.DeviceID, error) {
	var id malgo.DeviceID
	units, err := windows.UTF16FromString(name)
	if err != nil || len(units) > mostNameUnits {
		return id, fmt.Errorf("%w: its name is too long or has a NUL character", ErrNotFound)
	}
	for i, unit := range units {
		binary.LittleEndian.PutUint16(id[2*i:], unit)
	}
	return id, nil
}
