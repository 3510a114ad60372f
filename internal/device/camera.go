package device

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// camerasIn gives the cameras whose files are in a folder. One that may not be opened is there too, with its path for a
// label.
func camerasIn(folder string, open func(path string) (ioctl, func(), error)) []Info {
	paths, _ := filepath.Glob(filepath.Join(folder, "video*"))
	slices.SortFunc(paths, func(a, b string) int {
		// video2 before video10.
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	var infos []Info
	for _, path := range paths {
		info := Info{ID: path, Group: path, Kind: media.Video, Label: path}
		call, done, err := open(path)
		switch {
		case err == nil:
			described, captures := describeCamera(call)
			done()
			if !captures {
				// The other files of a camera: metadata, output, a codec.
				continue
			}
			info.Label, info.Group = described.label, described.bus
		case !os.IsPermission(err):
			continue
		}
		infos = append(infos, info)
	}
	return infos
}

// FirstCamera is the default camera: DefaultCamera, or the first that there is.
func FirstCamera() string {
	cameras := Cameras()
	if len(cameras) == 0 {
		return DefaultCamera
	}
	for _, camera := range cameras {
		if camera.ID == DefaultCamera {
			return camera.ID
		}
	}
	return cameras[0].ID
}

type cameraDescription struct{ label, bus string }
