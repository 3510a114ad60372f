package av

// #include <srt/srt.h>
//
// static void mscp_log_nothing(void *opaque, int level, const char *file, int line, const char *area,
//                              const char *message) {
//   (void)opaque, (void)level, (void)file, (void)line, (void)area, (void)message;
// }
//
// static void mscp_silence_srt(void) { srt_setloghandler(NULL, mscp_log_nothing); }
import "C"

import "github.com/asticode/go-astiav"

// silence bounds FFmpeg's memory, and keeps it and libsrt from writing to stderr. go-astiav's way
// of passing the lines on formats them into a buffer of fixed size without a bound.
func silence() {
	astiav.SetLogLevel(astiav.LogLevelQuiet)
	C.mscp_silence_srt()
	boundMemory()
}
