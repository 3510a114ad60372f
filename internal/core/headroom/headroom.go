// Package headroom keeps room below the stack pointer of a goroutine.
//
// When another language calls Go on a thread of its own, Go code runs on the
// stack of a goroutine, whose free part may be smaller than the frame of a
// signal. Go's own handlers use the alternate stack (SA_ONSTACK); libuv's, behind
// process.on() and child processes, do not, and would write past the end of the
// goroutine's stack. Masking signals around every call costs two system calls.
// A function whose frame is large costs a comparison: its prologue grows the
// stack, which then stays large.
package headroom

// Size is the room that Reserve makes, in bytes. A signal frame with AVX-512
// state takes 3.5 kB, and AMX another 8; what is left is for the callee.
const Size = 48 << 10

// Reserve makes room for Size bytes below the caller's frame.
func Reserve()
