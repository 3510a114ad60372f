package main

// #include "abi.h"
import "C"

import (
	"fmt"
	"os"
	"runtime/cgo"
	"runtime/debug"
	"sync/atomic"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core/headroom"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// environment is what an mscp_env stands for.
type environment struct {
	*core.Env
	number    cgo.Handle
	forgotten atomic.Bool
}

func newEnvironment(env *core.Env) *environment {
	e := &environment{Env: env}
	e.number = cgo.NewHandle(e)

	return e
}

// find returns nil for a number that is none.
func find(env C.mscp_env) (e *environment) {
	// cgo.Handle panics on a number that is none.
	defer func() { _ = recover() }()
	e, _ = cgo.Handle(env).Value().(*environment)

	return e
}

// forget drops a closed environment.
func (e *environment) forget() {
	if e.forgotten.CompareAndSwap(false, true) {
		e.number.Delete()
	}
}

// in runs an entry of the table in its environment. A panic becomes a status.
func in(env C.mscp_env, entry func(e *environment) wire.Status) (status C.int32_t) {
	defer recovered(&status)
	headroom.Reserve()
	e := find(env)
	if e == nil {
		return C.MSCP_CLOSED
	}

	return C.int32_t(entry(e))
}

func recovered(status *C.int32_t) {
	if cause := recover(); cause != nil {
		// Nobody else can be told: this is outside of any environment's log.
		fmt.Fprintf(os.Stderr, "mediasoup-client-pion: recovered from a panic: %v\n%s\n", cause, debug.Stack())
		*status = C.MSCP_PANIC
	}
}
