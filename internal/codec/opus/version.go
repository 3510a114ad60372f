package opus

// #include <opus.h>
import "C"

import "strings"

// Version of libopus.
func Version() string {
	return strings.TrimPrefix(C.GoString(C.opus_get_version_string()), "libopus ")
}
