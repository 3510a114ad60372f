// Package preemption has the runtime of Go send no signals; it is imported for that alone, by goexport.
//
// What preempts a goroutine that does not yield is SIGURG, to the thread that runs it. In a process of Node.js that signal
// is the app's: a listener of process.on('SIGURG') would be called for each, and libuv's handler, which does not ask for
// the alternate stack, would run on that of a goroutine. Of two copies of this library in a process the one that was loaded
// last would take those of the other. Goroutines yield where they call functions; a loop without a call has to be
// short (docs/architecture.md says how short). What takes long is C's, which signals never preempted. src/signals gives the app
// its handler back.
package preemption
