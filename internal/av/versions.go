package av

// #include <libavutil/avutil.h>
//
// // Declared here: their headers are no dependency of this package, the libraries are FFmpeg's.
// const char *dav1d_version(void);
// const char *zlibVersion(void);
// unsigned int srt_getversion(void);
// extern const char *const xmlParserVersion;
import "C"

import (
	"fmt"
	"strconv"
)

// Versions are those of FFmpeg and of the libraries that it is linked with, as they
// tell themselves, by name.
func Versions() map[string]string {
	srt := C.srt_getversion()
	// libxml2 tells 20914 for 2.9.14.
	xml, _ := strconv.Atoi(optional(C.xmlParserVersion))
	return map[string]string{
		"FFmpeg":  optional(C.av_version_info()),
		"dav1d":   optional(C.dav1d_version()),
		"libxml2": fmt.Sprintf("%d.%d.%d", xml/10000, xml/100%100, xml%100),
		"srt":     fmt.Sprintf("%d.%d.%d", srt>>16, srt>>8&0xff, srt&0xff),
		"zlib":    optional(C.zlibVersion()),
	}
}
