package openh264

// #include <stdbool.h>
// #include <wels/codec_api.h>
import "C"

import "fmt"

// Version of OpenH264.
func Version() string {
	var v C.OpenH264Version
	C.WelsGetCodecVersionEx(&v)
	return fmt.Sprintf("%d.%d.%d", v.uMajor, v.uMinor, v.uRevision)
}
