//go:build hooks

package av

// #include <pthread.h>
// #include <stdlib.h>
// #include <sys/wait.h>
// #include <unistd.h>
// static void mscp_crash(void) { *(volatile int *)16 = 1; }
// static void mscp_abort(void) { abort(); }
// static void *aborting(void *nothing) { abort(); return nothing; }
// static void mscp_abort_elsewhere(void) {
//   pthread_t thread;
//   pthread_create(&thread, NULL, aborting, NULL);
//   pthread_join(thread, NULL);
// }
// static void mscp_abort_in_a_copy(void) {
//   const pid_t copy = fork();
//   if (copy == 0) abort();
//   waitpid(copy, NULL, 0);
// }
import "C"

// Crashes are those that C is to blame for, by name.
var Crashes = map[string]func(){ //nolint:gochecknoglobals // a table
	// Writes where there is no memory.
	"c": func() { C.mscp_crash() },
	// As an assert of a library, and as one on a thread of a codec's own.
	"abort":           func() { C.mscp_abort() },
	"abort elsewhere": func() { C.mscp_abort_elsewhere() },
	// As an app's that forks.
	"abort in a copy": func() { C.mscp_abort_in_a_copy() },
}
