package device

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// fakeCamera answers ioctls as a driver does, in the structs of linux/videodev2.h.
type fakeCamera struct {
	card, bus                string
	capabilities, deviceCaps uint32
	modes                    []fakeMode
	// stepwise cameras take any even size from that of a mode to three times as much, and
	// any rate between the first two.
	stepwise bool
}

type fakeMode struct {
	format        string
	width, height uint32
	// rates are fractions of a second.
	rates [][2]uint32
}

func (c *fakeCamera) ioctl(request uintptr, argument []byte) error {
	order := binary.NativeEndian
	index := order.Uint32(argument)
	switch request {
	case queryCapability:
		if c.card == "" {
			return unix.ENOTTY
		}
		copy(argument, "uvcvideo")
		copy(argument[16:48], c.card)
		copy(argument[48:80], c.bus)
		order.PutUint32(argument[84:], c.capabilities)
		order.PutUint32(argument[88:], c.deviceCaps)
		return nil
	case enumerateFormats:
		var formats []string
		for _, m := range c.modes {
			if len(formats) == 0 || formats[len(formats)-1] != m.format {
				formats = append(formats, m.format)
			}
		}
		if order.Uint32(argument[4:]) != captureBuffers || index >= uint32(len(formats)) {
			return unix.EINVAL
		}
		copy(argument[44:], formats[index])
		return nil
	case enumerateSizes:
		for _, m := range c.modes {
			if m.format != string(argument[4:8]) {
				continue
			}
			if index > 0 {
				index--
				continue
			}
			kind := uint32(discreteValues)
			order.PutUint32(argument[8:], kind)
			order.PutUint32(argument[12:], m.width)
			order.PutUint32(argument[16:], m.height)
			if c.stepwise {
				for i, n := range []uint32{3, m.width, 3 * m.width, 2, m.height, 3 * m.height, 2} {
					order.PutUint32(argument[8+4*i:], n)
				}
			}
			return nil
		}
		return unix.EINVAL
	case enumerateRates:
		for _, m := range c.modes {
			if c.stepwise && index == 0 {
				order.PutUint32(argument[16:], 3)
				for i, rate := range m.rates {
					order.PutUint32(argument[20+8*i:], rate[0])
					order.PutUint32(argument[24+8*i:], rate[1])
				}
				return nil
			}
			if m.format == string(argument[4:8]) && m.width == order.Uint32(argument[8:]) &&
				m.height == order.Uint32(argument[12:]) && index < uint32(len(m.rates)) {
				order.PutUint32(argument[16:], discreteValues)
				order.PutUint32(argument[20:], m.rates[index][0])
				order.PutUint32(argument[24:], m.rates[index][1])
				return nil
			}
		}
		return unix.EINVAL
	default:
		return unix.ENOTTY
	}
}

// webcam is what a usual one offers: raw pictures are slow where they are large.
var webcam = fakeCamera{
	card: "HD Webcam", bus: "usb-0000:00:14.0-4", capabilities: hasDeviceCaps | 0x1000, deviceCaps: canCapture,
	modes: []fakeMode{
		{"MJPG", 1280, 720, [][2]uint32{{1, 30}, {1, 15}}},
		{"MJPG", 640, 480, [][2]uint32{{1, 30}}},
		{"YUYV", 640, 480, [][2]uint32{{1, 15}, {1, 30}}},
		{"YUYV", 1280, 720, [][2]uint32{{1, 5}}},
		{"XYZ1", 1920, 1080, [][2]uint32{{1, 60}}},
	},
}

func TestACameraIsReadInItsBestMode(t *testing.T) {
	modes := cameraModes(webcam.ioctl, usualMode)
	if len(modes) != 7 || modes[0] != (Mode{"MJPG", 1280, 720, 30}) {
		t.Fatalf("modes: %+v", modes)
	}
	for _, test := range []struct {
		width, height int
		rate          float64
		want          Mode
	}{
		{640, 480, 30, Mode{"yuyv422", 640, 480, 30}},
		{1280, 720, 30, Mode{"mjpeg", 1280, 720, 30}},
		{1280, 720, 5, Mode{"yuyv422", 1280, 720, 5}},
		{1920, 1080, 60, Mode{"mjpeg", 1280, 720, 30}},
		{600, 400, 0, Mode{"mjpeg", 640, 480, 30}},
	} {
		wanted := Mode{Width: test.width, Height: test.height, Rate: test.rate}
		chosen, _ := wanted.wishes().choose(cameraSettings(0, Info{}, modes), usualMode.wishes())
		got := chosen.mode
		if test.rate == 0 {
			// Without a wish the faster counts, and both are as fast.
			test.want.Format = "yuyv422"
		}
		if got != test.want {
			t.Errorf("%dx%d at %v: %+v, want %+v", test.width, test.height, test.rate, got, test.want)
		}
	}
}

func TestADriverWithoutAnEndIsBounded(t *testing.T) {
	endless := func(request uintptr, argument []byte) error {
		for i := 4; i < len(argument); i++ {
			argument[i] = 1
		}
		if request == enumerateSizes {
			binary.NativeEndian.PutUint32(argument[8:], discreteValues)
		}
		if request == enumerateRates {
			return unix.EINVAL
		}
		return nil
	}
	if modes := cameraModes(endless, usualMode); len(modes) != mostModes {
		t.Errorf("%d modes", len(modes))
	}
}

func TestOnlyFilesThatGivePicturesAreCameras(t *testing.T) {
	metadata := fakeCamera{card: "HD Webcam", capabilities: hasDeviceCaps | canCapture, deviceCaps: 0x00a00000}
	old := fakeCamera{card: "Old\xff\x00rest", bus: "", capabilities: canCapture}
	none := fakeCamera{}
	folder := t.TempDir()
	drivers := map[string]*fakeCamera{
		"video0": &webcam, "video1": &metadata, "video2": &old, "video3": &none, "video10": &webcam,
	}
	for name := range drivers {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "video7"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := 0
	found := camerasIn(folder, func(path string) (ioctl, func(), error) {
		driver := drivers[filepath.Base(path)]
		if driver == nil {
			return nil, nil, unix.EACCES
		}
		return driver.ioctl, func() { closed++ }, nil
	})
	at := func(name string) string { return filepath.Join(folder, name) }
	want := []Info{
		{at("video0"), webcam.bus, media.Video, "HD Webcam"},
		{at("video2"), "", media.Video, "Old?"},
		{at("video7"), at("video7"), media.Video, at("video7")},
		{at("video10"), webcam.bus, media.Video, "HD Webcam"},
	}
	if len(found) != len(want) {
		t.Fatalf("%+v", found)
	}
	for i := range want {
		if found[i] != want[i] {
			t.Errorf("%+v, want %+v", found[i], want[i])
		}
	}
	if closed != len(drivers) {
		t.Errorf("%d of %d files closed", closed, len(drivers))
	}
}

func TestWhatIsNoCameraAnswersNothing(t *testing.T) {
	call, done, err := openCamera("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if _, captures := describeCamera(call); captures {
		t.Error("/dev/null is a camera")
	}
	if m := CameraMode("/dev/null", 640, 480, 30); m.Format != "" {
		t.Error("/dev/null has a mode")
	}
}

func FuzzCameraModes(f *testing.F) {
	f.Add([]byte("MJPG\x01\x00\x00\x00\x80\x02\x00\x00\xe0\x01\x00\x00"))
	f.Fuzz(func(t *testing.T, answers []byte) {
		call := func(_ uintptr, argument []byte) error {
			if len(answers) == 0 {
				return unix.EINVAL
			}
			answers = answers[copy(argument[4:], answers):]
			return nil
		}
		for _, s := range cameraSettings(0, Info{}, cameraModes(call, usualMode)) {
			if s.mode.Format == "" || s.Width <= 0 || s.Height <= 0 || s.mode.Rate < 0 {
				t.Errorf("%+v", s)
			}
		}
	})
}
