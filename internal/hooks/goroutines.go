package hooks

import (
	"runtime"
	"strings"
)

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
