package device

import (
	"math"

	"github.com/pion/mediadevices/pkg/prop"
)

// inputFormats are FFmpeg's names of what cameras send, the cheapest to use first.
var inputFormats = []struct{ code, name string }{
	{"YU12", "yuv420p"},
	{"NV12", "nv12"},
	{"YUYV", "yuyv422"},
	{"UYVY", "uyvy422"},
	{"MJPG", "mjpeg"},
	{"JPEG", "mjpeg"},
	{"H264", "h264"},
	{"RGB3", "rgb24"},
	{"BGR3", "bgr24"},
	{"GREY", "gray"},
}

// Mode is one way in which a camera can be read.
type Mode struct {
	// Format is FFmpeg's name. It is empty where the choice is left to FFmpeg.
	Format        string
	Width, Height int
	// Rate is in pictures a second; 0 is unknown.
	Rate float64
}

// usualMode is asked for where nothing is.
var usualMode = Mode{Width: 640, Height: 480, Rate: 30}

// CameraMode chooses how a camera is read for a wanted size and rate.
//
// FFmpeg takes the first format that the camera has, which for many is raw
// pictures at five a second where MJPEG would give thirty.
func CameraMode(path string, width, height int, rate float64) Mode {
	call, done, err := openCamera(path)
	if err != nil {
		return Mode{}
	}
	defer done()
	wanted := Mode{Width: width, Height: height, Rate: rate}
	best, err := wanted.wishes().choose(cameraSettings(0, Info{ID: path}, cameraModes(call, wanted)), usualMode.wishes())
	if err != nil {
		return Mode{}
	}
	return best.mode
}

// ChooseCamera chooses a camera and its mode. The mode of one that doesn't tell which it
// has is as it is wanted, without a format. It fails with ErrNotFound where there is
// no camera, or with an *OverconstrainedError.
func ChooseCamera(constraints Constraints) (path string, mode Mode, err error) {
	return constraints.chooseCamera(Cameras(), openCamera)
}

func (c Constraints) chooseCamera(cameras []Info, open func(path string) (ioctl, func(), error)) (string, Mode, error) {
	if len(cameras) == 0 {
		return "", Mode{}, ErrNotFound
	}
	wanted := c.wantedMode()
	var known, silent []setting
	for i, camera := range cameras {
		var settings []setting
		if call, done, err := open(camera.ID); err == nil {
			settings = cameraSettings(i, camera, cameraModes(call, wanted))
			done()
		}
		if len(settings) == 0 {
			silent = append(silent, cameraSetting(i, camera, wanted))
		}
		known = append(known, settings...)
	}
	best, err := c.choose(known, usualMode.wishes())
	if err != nil {
		// What can't be asked is judged by which it is; opening tells the rest.
		if last, unfit := c.ids().choose(silent, nil); unfit == nil {
			return last.DeviceID, last.mode, nil
		}
		return "", Mode{}, &OverconstrainedError{Constraint: c.unmet(append(known, silent...))}
	}
	if best.mode.Rate == 0 {
		best.mode.Rate = wanted.Rate
	}
	return best.DeviceID, best.mode, nil
}

// wantedMode is what a camera of any mode would be asked for.
func (c Constraints) wantedMode() Mode {
	width, height := c.near("width", float64(usualMode.Width)), c.near("height", float64(usualMode.Height))
	ratio := max(c.near("aspectRatio", 4.0/3), 0.01)
	switch {
	case c.has("height") && !c.has("width"):
		width = height * ratio
	case !c.has("height"):
		height = width / ratio
	}
	size := func(n float64) int { return int(math.RoundToEven(min(max(n, 1), 1<<15))) }
	return Mode{Width: size(width), Height: size(height), Rate: c.near("frameRate", usualMode.Rate)}
}

// wishes ask for a mode, without need.
func (m Mode) wishes() Constraints {
	width, height := float64(m.Width), float64(m.Height)
	wishes := Constraints{{Name: "width", Ideal: &width}, {Name: "height", Ideal: &height}}
	if m.Rate > 0 {
		wishes = append(wishes, Constraint{Name: "frameRate", Ideal: &m.Rate})
	}
	return wishes
}

// cameraSettings are a camera's modes in formats that are known here, the cheapest first.
func cameraSettings(index int, camera Info, modes []Mode) []setting {
	var settings []setting
	for _, format := range inputFormats {
		for _, m := range modes {
			if m.Format != format.code || m.Width <= 0 || m.Height <= 0 {
				continue
			}
			m.Format = format.name
			settings = append(settings, cameraSetting(index, camera, m))
		}
	}
	return settings
}

func cameraSetting(index int, camera Info, m Mode) setting {
	return setting{
		Media: prop.Media{
			DeviceID: camera.ID,
			Video:    prop.Video{Width: m.Width, Height: m.Height, FrameRate: float32(m.Rate)},
		},
		group: camera.Group, device: index, mode: m,
	}
}
