package av

// #include <libavformat/avformat.h>
// #include <libavutil/mem.h>
// #include <stdatomic.h>
//
// static int mscp_interrupted(void *flag) { return atomic_load((atomic_int *)flag); }
//
// static void mscp_interruptible(AVFormatContext *c, void *flag) {
//   c->interrupt_callback = (AVIOInterruptCB){mscp_interrupted, flag};
// }
//
// static void *mscp_interruption(void) { return av_mallocz(sizeof(atomic_int)); }
//
// static void mscp_interrupt(void *flag) { atomic_store((atomic_int *)flag, 1); }
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// interruption ends what FFmpeg reads or waits for, from any goroutine and for good. go-astiav's own takes its memory for granted.
type interruption struct{ flag unsafe.Pointer }

// newInterruption is nil where there is no memory. What FFmpeg opens for c copies where the flag is: it lives as long as
// what it is of can be reached, which an interrupt on its way may be after the end.
func newInterruption(c *astiav.FormatContext) *interruption {
	flag := C.mscp_interruption()
	if flag == nil {
		return nil
	}
	C.mscp_interruptible(formatContext(c), flag)
	i := &interruption{flag}
	runtime.AddCleanup(i, func(flag unsafe.Pointer) { C.av_free(flag) }, flag)
	return i
}

func (i *interruption) interrupt() {
	C.mscp_interrupt(i.flag)
	runtime.KeepAlive(i)
}
