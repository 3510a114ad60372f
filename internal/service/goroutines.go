package service

import (
	"runtime"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

func registerGoroutines(r *core.Registry) {
	core.Handle(r, wire.EnvironmentGoroutines, func(*core.Call, wire.Empty) (wire.Goroutines, error) {
		return wire.Goroutines{ByStack: goroutinesByStack()}, nil
	})
}

func goroutinesByStack() map[string]int {
	records := make([]runtime.StackRecord, runtime.NumGoroutine())
	n, ok := runtime.GoroutineProfile(records)
	for !ok {
		records = make([]runtime.StackRecord, n)
		n, ok = runtime.GoroutineProfile(records)
	}
	stacks := make(map[string]int)
	for i := range records[:n] {
		stacks[functionsOf(records[i].Stack())]++
	}

	return stacks
}

func functionsOf(stack []uintptr) string {
	names := make([]string, 0, len(stack))
	frames := runtime.CallersFrames(stack)
	for {
		frame, more := frames.Next()
		names = append(names, frame.Function)
		if !more {
			return strings.Join(names, " < ")
		}
	}
}
