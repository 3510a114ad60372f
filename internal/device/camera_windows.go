package device

import (
	"errors"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// DefaultCamera is no camera: DirectShow has no name for the first.
const DefaultCamera = ""

// Cameras gives those of DirectShow. Where the system tells nothing, there are none.
func Cameras() []Info {
	inputs, err := av.Inputs("dshow")
	if err != nil {
		return nil
	}
	var infos []Info
	for _, input := range inputs {
		if input.Kind == media.Video {
			infos = append(infos, Info{ID: input.Name, Group: input.Name, Kind: media.Video, Label: input.Label})
		}
	}
	return infos
}

// openCamera is of systems that tell the modes of a camera by its file: here FFmpeg chooses one.
func openCamera(string) (ioctl, func(), error) { return nil, nil, errors.ErrUnsupported }
