package codectest

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

// ResidentBytes is the memory that the process holds, C's too.
func ResidentBytes(t testing.TB) int {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize()
}
