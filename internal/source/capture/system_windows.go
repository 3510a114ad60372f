package capture

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// The formats of cameras and screens, and the screen that is recorded where none is named: all of it.
const (
	formatCamera  = formatDshow
	formatScreen  = "gdigrab"
	defaultScreen = "desktop"
)

// steadyTime is of no clock: that of DirectShow's pictures is their graph's own.
func steadyTime() time.Duration { return av.NoTime }

// adoptMicrophone is for systems where one format is of cameras and microphones.
func (*Spec) adoptMicrophone() {}
