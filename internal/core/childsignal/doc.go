// Package childsignal keeps SIGCHLD off the threads of Go; it is imported for that alone, by goexport.
//
// Of the signals that src/signals keeps off these threads, the runtime unblocks one
// again on each that it starts: SIGCHLD. While the main thread has it blocked, as
// libuv has for each child process that it starts, the kernel gives it to one of
// them. libuv's handler does not ask for the alternate stack, and would write past the
// end of a goroutine's: over the stack of another.
package childsignal
