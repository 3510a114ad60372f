//go:build hooks

package av

// static void mscp_crash(void) { *(volatile int *)16 = 1; }
import "C"

// Crash writes where there is no memory, in C.
func Crash() { C.mscp_crash() }
