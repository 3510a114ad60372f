//go:build !windows && !darwin

package device

// #include <dlfcn.h>
// #include <stddef.h>
//
// enum { CONTEXT_READY = 4, CONTEXT_FAILED = 5, NOAUTOSPAWN = 1 };
//
// // Connects as miniaudio does, and gives everything back: libpulse's own, of which there may be none here.
// static int mscp_pulse_serves(void) {
//   void *pulse = dlopen("libpulse.so.0", RTLD_NOW | RTLD_LOCAL);
//   if (!pulse) return 0;
//   void *(*loop_new)(void) = dlsym(pulse, "pa_mainloop_new");
//   void *(*loop_api)(void *) = dlsym(pulse, "pa_mainloop_get_api");
//   int (*loop_iterate)(void *, int, int *) = dlsym(pulse, "pa_mainloop_iterate");
//   void (*loop_free)(void *) = dlsym(pulse, "pa_mainloop_free");
//   void *(*context_new)(void *, const char *) = dlsym(pulse, "pa_context_new");
//   int (*context_connect)(void *, const char *, int, const void *) =
//       dlsym(pulse, "pa_context_connect");
//   int (*context_state)(void *) = dlsym(pulse, "pa_context_get_state");
//   void (*context_disconnect)(void *) = dlsym(pulse, "pa_context_disconnect");
//   void (*context_unref)(void *) = dlsym(pulse, "pa_context_unref");
//   int serves = 0;
//   if (loop_new && loop_api && loop_iterate && loop_free && context_new && context_connect &&
//       context_state && context_disconnect && context_unref) {
//     void *loop = loop_new();
//     void *context = loop ? context_new(loop_api(loop), "mediasoup-client-pion") : NULL;
//     if (context) {
//       int state = CONTEXT_FAILED;
//       if (context_connect(context, NULL, NOAUTOSPAWN, NULL) >= 0) {
//         while ((state = context_state(context)) < CONTEXT_READY) {
//           if (loop_iterate(loop, 1, NULL) < 0) break;
//         }
//       }
//       serves = state == CONTEXT_READY;
//       context_disconnect(context);
//       context_unref(context);
//     }
//     if (loop) loop_free(loop);
//   }
//   dlclose(pulse);
//   return serves;
// }
import "C"

// pulseServes says whether there is a PulseAudio server. miniaudio keeps the memory, and its file, of each connection
// that it did not get: it is asked only where there is one.
func pulseServes() bool { return C.mscp_pulse_serves() == 1 }
