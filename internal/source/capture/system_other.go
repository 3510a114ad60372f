//go:build !windows && !darwin

package capture

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

// The formats of cameras and screens, and the screen that is recorded where none is named: none.
const (
	formatCamera  = formatV4L2
	formatScreen  = "x11grab"
	defaultScreen = ""
)

// steadyTime is of the clock that V4L2 stamps pictures by.
func steadyTime() time.Duration {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) != nil {
		return av.NoTime
	}
	return time.Duration(now.Nano())
}

// adoptMicrophone is for systems where one format is of cameras and microphones.
func (*Spec) adoptMicrophone() {}
