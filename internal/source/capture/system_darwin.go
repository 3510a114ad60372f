package capture

import (
	"strconv"
	"strings"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/device"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// The formats of cameras and screens, and the screen that is recorded where none is named: none. AVFoundation has
// screens among its cameras; there is no X server.
const (
	formatCamera  = "avfoundation"
	formatScreen  = "x11grab"
	defaultScreen = ""
)

// steadyTime is of no clock: AVFoundation's is not told of by name.
func steadyTime() time.Duration { return av.NoTime }

// adoptMicrophone has what AVFoundation calls a microphone come from CoreAudio: what is behind the colon, a name, or a
// number in the order in which microphones are listed.
func (s *Spec) adoptMicrophone() {
	if s.Format != formatCamera || s.Kind != media.Audio {
		return
	}
	_, name, found := strings.Cut(s.Value, ":")
	if !found {
		name = s.Value
	}
	s.Format, s.Value = "", name
	number, err := strconv.Atoi(name)
	if err != nil {
		return
	}
	if number == 0 {
		// The default one comes first.
		s.Value = ""
	} else if listed := device.Microphones(); 0 < number && number < len(listed) {
		s.Value = listed[number].ID
	}
}
