package av

// #include <libavcodec/avcodec.h>
// #include <libavformat/avformat.h>
// #include <libavutil/mem.h>
// #include <stdlib.h>
//
// // avformat_find_stream_info() decodes a little of each stream: bounded like any decoder.
// static int mscp_find_stream_info(AVFormatContext *c, const char *most_pixels) {
//   unsigned count = c->nb_streams;
//   AVDictionary **options = count ? av_calloc(count, sizeof(*options)) : NULL;
//   if (count && !options) return AVERROR(ENOMEM);
//   for (unsigned i = 0; i < count; i++) av_dict_set(&options[i], "max_pixels", most_pixels, 0);
//   int result = avformat_find_stream_info(c, options);
//   for (unsigned i = 0; i < count; i++) av_dict_free(&options[i]);
//   av_free(options);
//   return result;
// }
import "C"

import (
	"strconv"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// What files may ask for. Headers of a few bytes can claim anything.
const (
	// MostPixels of a picture: 8192x8192.
	MostPixels = 64 << 20
	// LeastRate and MostRate of sound, in Hz, and MostChannels of it.
	LeastRate    = 1000
	MostRate     = 768_000
	MostChannels = 64
	// mostSamples of one coded piece of sound, in each channel.
	mostSamples = 4 << 20
	// mostAllocation is of one piece of memory, wherever in FFmpeg.
	mostAllocation = 512 << 20
)

// boundMemory is of the whole process, and costs nothing to be said again.
func boundMemory() { C.av_max_alloc(mostAllocation) }

// boundDecoder makes a decoder refuse what is too large before it takes memory.
func boundDecoder(c *astiav.CodecContext) {
	context := (*C.AVCodecContext)(c.UnsafePointer())
	context.max_pixels = MostPixels
	context.max_samples = mostSamples
}

// findStreamInfo looks at packets for what the header doesn't tell.
func findStreamInfo(c *astiav.FormatContext) error {
	most := C.CString(strconv.Itoa(MostPixels))
	defer C.free(unsafe.Pointer(most))
	if result := C.mscp_find_stream_info(formatContext(c), most); result < 0 {
		return astiav.Error(result)
	}
	return nil
}
