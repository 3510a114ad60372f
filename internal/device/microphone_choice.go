package device

import (
	"math"

	"github.com/pion/mediadevices/pkg/prop"
)

// What microphones are opened with: what the hardware has not is converted to.
const (
	lowestRate, usualRate, highestRate          = 8000, 48000, 384000
	fewestChannels, usualChannels, mostChannels = 1, 2, 8
)

// ChooseMicrophone chooses a microphone and how it is opened. Empty and 0 are left to
// the system. It fails with ErrNotFound where one of none is asked for, or with an
// *OverconstrainedError. It may wait for as long as a server of sound takes.
func ChooseMicrophone(constraints Constraints) (id string, sampleRate, channels int, err error) {
	var microphones []Info
	if len(constraints.ids()) > 0 {
		microphones = Microphones()
	}
	return constraints.chooseMicrophone(microphones)
}

// chooseMicrophone takes the system's own where it is given none.
func (c Constraints) chooseMicrophone(microphones []Info) (id string, sampleRate, channels int, err error) {
	if len(microphones) == 0 {
		// The system may have one that it does not list, but none of an id.
		microphones = []Info{{}}
		if _, err := c.ids().choose([]setting{{}}, nil); err != nil {
			return "", 0, 0, ErrNotFound
		}
	}
	within := func(name string, low, usual, high float64) int {
		if !c.has(name) {
			return 0
		}
		return int(math.RoundToEven(min(max(c.near(name, usual), low), high)))
	}
	// All rates can be had, so the nearest is the only one to be looked at.
	audio := prop.Audio{
		SampleRate:   within("sampleRate", lowestRate, usualRate, highestRate),
		ChannelCount: within("channelCount", fewestChannels, usualChannels, mostChannels),
	}
	var settings []setting
	for i, microphone := range microphones {
		settings = append(settings, setting{
			Media: prop.Media{DeviceID: microphone.ID, Audio: audio}, group: microphone.Group, device: i,
		})
	}
	best, err := c.choose(settings, nil)
	if err != nil {
		return "", 0, 0, err
	}
	return best.DeviceID, best.SampleRate, best.ChannelCount, nil
}
