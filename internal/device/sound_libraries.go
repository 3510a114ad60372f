//go:build !windows && !darwin

package device

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stddef.h>
//
// static void mscp_silent(const char *file, int line, const char *function, int error,
//                         const char *format, ...) {}
//
// // miniaudio unloads these libraries with its last context, which they weren't made for.
// static void mscp_hold_sound_libraries(void) {
//   dlopen("libpulse.so.0", RTLD_NOW | RTLD_LOCAL);
//   void *alsa = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
//   if (!alsa) return;
//   int (*set_handler)(void *) = dlsym(alsa, "snd_lib_error_set_handler");
//   // ALSA would write to stderr whatever it doesn't find.
//   if (set_handler) set_handler(mscp_silent);
// }
import "C"

import "sync"

// holdSoundLibraries loads what miniaudio uses, where the system has it, for as
// long as the process lives.
var holdSoundLibraries = sync.OnceFunc(func() { C.mscp_hold_sound_libraries() })
