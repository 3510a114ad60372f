package aom

// #include <aom/aom_codec.h>
import "C"

import "strings"

// Version of libaom.
func Version() string { return strings.TrimPrefix(C.GoString(C.aom_codec_version_str()), "v") }
