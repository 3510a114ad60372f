package codec

import (
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/aom"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/openh264"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/opus"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/vpx"
)

// Versions are those of the encoders' libraries, as they tell themselves, by name.
func Versions() map[string]string {
	return map[string]string{
		aom.Name:      aom.Version(),
		opus.Name:     opus.Version(),
		openh264.Name: openh264.Version(),
		vpx.Name:      vpx.Version(),
	}
}
