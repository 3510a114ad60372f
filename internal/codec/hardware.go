package codec

import (
	"errors"
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/nvenc"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

var errNoHardware = errors.New("there is no hardware encoder of this codec here")

// Hardware is a kind of hardware that encodes.
type Hardware struct {
	MimeType, Name string
	// Refused is why it does not here, nil where it does.
	Refused error
}

// HardwareEncoders tries each with a small picture.
func HardwareEncoders() []Hardware {
	encoder, err := openHardware(media.Codec{MimeType: MimeH264}, 640, 360, VideoSettings{Framerate: 30, Bitrate: 500_000})
	if err == nil {
		err = encoder.Close()
	}
	return []Hardware{{MimeType: MimeH264, Name: nvenc.Name, Refused: err}}
}

func openHardware(c media.Codec, width, height int, s VideoSettings) (sizedEncoder, error) {
	switch {
	case !is(c, MimeH264):
		return nil, errNoHardware
	case s.Scalability.Layered():
		return nil, fmt.Errorf("%s makes no layers", nvenc.Name)
	}
	return nvenc.New(nvenc.Options{Width: width, Height: height, Framerate: s.Framerate, Bitrate: s.Bitrate})
}
