package device

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// desktop is the camera of another device: larger, slower, and of one format.
var desktop = fakeCamera{
	card: "Desktop", bus: "usb-2", capabilities: canCapture,
	modes: []fakeMode{
		{"MJPG", 1920, 1080, [][2]uint32{{1, 25}, {1001, 30000}}},
		{"MJPG", 800, 600, [][2]uint32{{1, 25}}},
	},
}

// anySize takes 320x180 to 960x540 at 10 to 50 pictures a second.
var anySize = fakeCamera{
	card: "Any", bus: "virtual", capabilities: canCapture, stepwise: true,
	modes: []fakeMode{{"YU12", 320, 180, [][2]uint32{{1, 50}, {1, 10}}}},
}

var rateless = fakeCamera{capabilities: canCapture, modes: []fakeMode{{"YUYV", 352, 288, nil}, {"YUYV", 176, 144, nil}}}

func exact(name string, n float64) Constraint { return Constraint{Name: name, Exact: &n} }
func ideal(name string, n float64) Constraint { return Constraint{Name: name, Ideal: &n} }
func least(name string, n float64) Constraint { return Constraint{Name: name, Min: &n} }
func most(name string, n float64) Constraint  { return Constraint{Name: name, Max: &n} }

func exactID(name string, ids ...string) Constraint { return Constraint{Name: name, ExactIDs: ids} }
func idealID(name string, ids ...string) Constraint { return Constraint{Name: name, IdealIDs: ids} }

func between(name string, low, ideal, high float64) Constraint {
	return Constraint{Name: name, Min: &low, Ideal: &ideal, Max: &high}
}

func TestConstraintsChooseTheCameraAndItsMode(t *testing.T) {
	webcams := []*fakeCamera{&webcam, &desktop}
	for _, test := range []struct {
		name        string
		cameras     []*fakeCamera
		constraints Constraints
		camera      int
		mode        Mode
	}{
		{"exact", webcams, Constraints{exact("width", 1280), exact("height", 720), exact("frameRate", 15)}, 0, Mode{"mjpeg", 1280, 720, 15}},
		{"exact, slow", webcams, Constraints{exact("width", 1280), exact("frameRate", 5)}, 0, Mode{"yuyv422", 1280, 720, 5}},
		{"exact, of the other camera", webcams, Constraints{exact("width", 800)}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"ideal, between two", webcams, Constraints{ideal("width", 820), ideal("height", 610)}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"ideal, above all", webcams, Constraints{ideal("width", 9000)}, 1, Mode{"mjpeg", 1920, 1080, 30000.0 / 1001}},
		{"ideal 0, from which all are as far", webcams, Constraints{ideal("width", 0), ideal("frameRate", 0)}, 0, Mode{"yuyv422", 640, 480, 30}},
		{"min", webcams, Constraints{least("width", 641)}, 0, Mode{"mjpeg", 1280, 720, 30}},
		{"min 0", webcams, Constraints{least("height", 0)}, 0, Mode{"yuyv422", 640, 480, 30}},
		{"max", webcams, Constraints{most("frameRate", 14)}, 0, Mode{"yuyv422", 1280, 720, 5}},
		{"min and max", webcams, Constraints{between("height", 500, 480, 700)}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"a range with its ideal", webcams, Constraints{between("width", 700, 1300, 1920)}, 0, Mode{"mjpeg", 1280, 720, 30}},
		{"an ideal out of its range", webcams, Constraints{between("width", 700, 640, 900)}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"an ideal is less than a need", webcams, Constraints{ideal("width", 1920), exact("frameRate", 15)}, 0, Mode{"mjpeg", 1280, 720, 15}},
		{"a rate as people write it", webcams, Constraints{exact("frameRate", 29.97)}, 1, Mode{"mjpeg", 1920, 1080, 30000.0 / 1001}},
		{"a ratio", webcams, Constraints{exact("aspectRatio", 1.7777778), least("width", 1281)}, 1, Mode{"mjpeg", 1920, 1080, 30000.0 / 1001}},
		{"a ratio as people write it", webcams, Constraints{exact("aspectRatio", 1.778)}, 0, Mode{"mjpeg", 1280, 720, 30}},
		{"an ideal ratio", webcams, Constraints{ideal("aspectRatio", 1.3), exact("frameRate", 25)}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"exact device", webcams, Constraints{exactID("deviceId", "1"), ideal("width", 640)}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"one of two devices", webcams, Constraints{exactID("deviceId", "7", "1")}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"ideal device that is not there", webcams, Constraints{idealID("deviceId", "7")}, 0, Mode{"yuyv422", 640, 480, 30}},
		{"ideal device that can't", webcams, Constraints{idealID("deviceId", "0"), exact("width", 1920)}, 1, Mode{"mjpeg", 1920, 1080, 30000.0 / 1001}},
		{"group", webcams, Constraints{exactID("groupId", "usb-2")}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"ideal group", webcams, Constraints{idealID("groupId", "usb-3", "usb-2")}, 1, Mode{"mjpeg", 800, 600, 25}},
		{"any size", []*fakeCamera{&anySize}, Constraints{exact("width", 500), ideal("height", 400), exact("frameRate", 12.5)}, 0, Mode{"yuv420p", 500, 400, 12.5}},
		{"any size, by its limits", []*fakeCamera{&anySize}, Constraints{ideal("width", 5000), ideal("height", 100), least("frameRate", 45)}, 0, Mode{"yuv420p", 960, 180, 45}},
		{"any size, by ratio", []*fakeCamera{&anySize}, Constraints{exact("height", 270), exact("aspectRatio", 16.0/9)}, 0, Mode{"yuv420p", 480, 270, 30}},
		{"one that tells no rates", []*fakeCamera{&rateless}, Constraints{exact("width", 176), most("frameRate", 12)}, 0, Mode{"yuyv422", 176, 144, 12}},
		{"one that can't be asked", []*fakeCamera{nil}, Constraints{ideal("width", 1000)}, 0, Mode{"", 1000, 750, 30}},
		{"one that can't be asked, by its id", []*fakeCamera{&webcam, nil}, Constraints{exactID("deviceId", "1"), exact("height", 90)}, 1, Mode{"", 120, 90, 30}},
		{"one that can be asked first", []*fakeCamera{nil, &desktop}, Constraints{ideal("width", 640)}, 1, Mode{"mjpeg", 800, 600, 25}},
	} {
		path, mode, err := chooseOf(test.cameras, test.constraints)
		if want := string(rune('0' + test.camera)); err != nil || path != want || mode != test.mode {
			t.Errorf("%s: camera %q %+v %v, want %q %+v", test.name, path, mode, err, want, test.mode)
		}
	}
}

// chooseOf chooses among cameras whose paths count from 0; nil can't be asked.
func chooseOf(cameras []*fakeCamera, constraints Constraints) (string, Mode, error) {
	var infos []Info
	for i, camera := range cameras {
		info := Info{ID: string(rune('0' + i)), Kind: media.Video}
		if camera != nil {
			info.Group = camera.bus
		}
		infos = append(infos, info)
	}
	return constraints.chooseCamera(infos, func(path string) (ioctl, func(), error) {
		camera := cameras[path[0]-'0']
		if camera == nil {
			return nil, nil, unix.EACCES
		}
		return camera.ioctl, func() {}, nil
	})
}

func TestAConstraintThatNoCameraMeetsIsNamed(t *testing.T) {
	for _, test := range []struct {
		name        string
		constraints Constraints
		want        string
	}{
		{"exact", Constraints{ideal("width", 640), exact("height", 481)}, "height"},
		{"min", Constraints{exact("width", 640), least("frameRate", 31)}, "frameRate"},
		{"max", Constraints{most("width", 639)}, "width"},
		{"max 0", Constraints{most("width", 0)}, "width"},
		{"max 0 of a rate", Constraints{most("frameRate", 0)}, "frameRate"},
		{"exact 0", Constraints{exact("frameRate", 0)}, "frameRate"},
		{"a negative one", Constraints{exact("height", -480)}, "height"},
		{"a close one", Constraints{exact("frameRate", 29.9)}, "frameRate"},
		{"a ratio", Constraints{exact("aspectRatio", 1)}, "aspectRatio"},
		{"device", Constraints{exactID("deviceId", "7"), exact("width", 640)}, "deviceId"},
		{"group", Constraints{idealID("deviceId", "0"), exactID("groupId", "none")}, "groupId"},
		{"each by itself could be met", Constraints{exact("width", 640), exact("height", 720)}, ""},
		{"the other camera could", Constraints{exactID("deviceId", "0"), exact("width", 800)}, ""},
	} {
		_, mode, err := chooseOf([]*fakeCamera{&webcam, &desktop}, test.constraints)
		var unmet *OverconstrainedError
		if !errors.As(err, &unmet) || unmet.Constraint != test.want || unmet.Error() == "" {
			t.Errorf("%s: %+v %v, want %q", test.name, mode, err, test.want)
		}
	}
	if _, _, err := chooseOf(nil, Constraints{exact("width", 640)}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no camera at all: %v", err)
	}
}

func TestConstraintsChooseTheMicrophoneAndHowItIsOpened(t *testing.T) {
	two := []Info{{ID: "pulse:a", Group: "one"}, {ID: "pulse:b", Group: "other"}}
	for _, test := range []struct {
		name           string
		microphones    []Info
		constraints    Constraints
		id             string
		rate, channels int
		unmet          string
	}{
		{"nothing of sound", two, Constraints{idealID("deviceId", "pulse:b")}, "pulse:b", 0, 0, ""},
		{"ideal one that is not there", two, Constraints{idealID("deviceId", "pulse:c")}, "pulse:a", 0, 0, ""},
		{"exact", two, Constraints{exactID("deviceId", "pulse:b"), exact("sampleRate", 44100)}, "pulse:b", 44100, 0, ""},
		{"group", two, Constraints{exactID("groupId", "other")}, "pulse:b", 0, 0, ""},
		{"the system's", nil, Constraints{ideal("sampleRate", 16000), exact("channelCount", 1)}, "", 16000, 1, ""},
		{"a wish where none is listed", nil, Constraints{idealID("deviceId", "pulse:a"), exact("channelCount", 3)}, "", 0, 3, ""},
		{"a range around the usual", nil, Constraints{least("sampleRate", 9000), most("channelCount", 4)}, "", 48000, 2, ""},
		{"a range below and above", nil, Constraints{most("sampleRate", 22050), least("channelCount", 3)}, "", 22050, 3, ""},
		{"a wish beyond what can be", nil, Constraints{ideal("sampleRate", 1e6), ideal("channelCount", 0)}, "", 384000, 1, ""},
		{"unknown", two, Constraints{exactID("deviceId", "pulse:c")}, "", 0, 0, "deviceId"},
		{"too high", nil, Constraints{least("sampleRate", 400000)}, "", 0, 0, "sampleRate"},
		{"too low", nil, Constraints{exact("sampleRate", 7999)}, "", 0, 0, "sampleRate"},
		{"too many", nil, Constraints{ideal("sampleRate", 1), exact("channelCount", 9)}, "", 0, 0, "channelCount"},
	} {
		id, rate, channels, err := test.constraints.chooseMicrophone(test.microphones)
		var unmet *OverconstrainedError
		if errors.As(err, &unmet); err != nil && (unmet == nil || unmet.Constraint != test.unmet || test.unmet == "") ||
			err == nil && test.unmet != "" {
			t.Errorf("%s: %v, want %q", test.name, err, test.unmet)
		}
		if id != test.id || rate != test.rate || channels != test.channels {
			t.Errorf("%s: %q %d %d", test.name, id, rate, channels)
		}
	}
	required := Constraints{exactID("groupId", "one"), exact("sampleRate", 7)}
	if _, _, _, err := required.chooseMicrophone(nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("one of none: %v", err)
	}
}
