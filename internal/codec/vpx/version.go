package vpx

// #include <vpx/vpx_codec.h>
import "C"

import "strings"

// Version of libvpx.
func Version() string { return strings.TrimPrefix(C.GoString(C.vpx_codec_version_str()), "v") }
