package main

// #include "aborts.h"
import "C"

import (
	"os"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/crash"
)

// abortFiles are closed when nobody refers to them, and the handler of SIGABRT has their numbers alone.
var abortFiles [2]*os.File //nolint:gochecknoglobals // as the handler is

func init() { //nolint:gochecknoinits // before the first report
	crash.TakeAborts = func(asked, answered *os.File) {
		abortFiles = [...]*os.File{asked, answered}
		C.mscp_take_aborts(C.int(asked.Fd()), C.int(answered.Fd()))
	}
}
