package device

import (
	"errors"
	"math"
	"testing"

	"github.com/pion/mediadevices/pkg/prop"
)

// What is chosen is one of what there is, or what is wanted where nobody says, and no refusal names what nobody asked.
func FuzzConstraints(f *testing.F) {
	f.Add("width", 640.0, 0.0, 0.0, 0.0, uint8(1), "frameRate", 30.0, "camera")
	f.Add("aspectRatio", 1.778, -1e308, 1.0, 2.0, uint8(15), "deviceId", -1.0, "")
	f.Add("sampleRate", 1e308, -48_000.0, 1e300, 0.0, uint8(2), "channelCount", 0.0, "other")
	f.Fuzz(func(t *testing.T, name string, exact, ideal, least, most float64, given uint8, other string, value float64, id string) {
		for _, number := range []float64{exact, ideal, least, most, value} {
			if math.IsNaN(number) || math.IsInf(number, 0) {
				// JSON has neither.
				return
			}
		}
		one := Constraint{Name: name}
		for i, number := range []struct {
			to   **float64
			from float64
		}{{&one.Exact, exact}, {&one.Ideal, ideal}, {&one.Min, least}, {&one.Max, most}} {
			if given>>i&1 == 1 {
				*number.to = &number.from
			}
		}
		c := Constraints{one, {Name: other, Ideal: &value, IdealIDs: []string{id}}}
		if given&0x10 != 0 {
			c[1].ExactIDs = []string{id}
		}
		modes := []Mode{{"mjpeg", 640, 480, 30}, {"yuyv422", 1280, 720, 5}}
		var settings []setting
		for i, m := range modes {
			settings = append(settings, setting{
				Media: prop.Media{DeviceID: "camera", Video: prop.Video{Width: m.Width, Height: m.Height, FrameRate: float32(m.Rate)}},
				group: "group", device: i, mode: m,
			})
		}
		best, err := c.choose(settings, usualMode.wishes())
		var unmet *OverconstrainedError
		switch {
		case errors.As(err, &unmet):
			if unmet.Constraint != "" && unmet.Constraint != name && unmet.Constraint != other {
				t.Errorf("%q is unmet of %+v", unmet.Constraint, c)
			}
		case best.mode != modes[best.device]:
			t.Errorf("%+v, %v", best, err)
		}
		if m := c.wantedMode(); m.Width < 1 || m.Height < 1 || m.Width > 1<<15 || m.Height > 1<<15 {
			t.Errorf("a camera of %dx%d is wanted by %+v", m.Width, m.Height, c)
		}
		if _, rate, channels, err := c.chooseMicrophone([]Info{{ID: "microphone"}}); err == nil &&
			(rate != 0 && (rate < lowestRate || rate > highestRate) || channels != 0 && (channels < fewestChannels || channels > mostChannels)) {
			t.Errorf("a microphone of %d Hz and %d channels is wanted by %+v", rate, channels, c)
		}
	})
}
