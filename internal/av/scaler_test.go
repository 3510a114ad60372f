package av_test

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// quarters has a colour of its own in each corner.
func quarters(width, height int) *media.VideoFrame {
	f := media.NewVideoFrame(width, height)
	for y := range height {
		for x := range width {
			f.Y[y*f.YStride+x] = byte(40 + 50*(2*y/height) + 100*(2*x/width))
			f.U[y/2*f.UVStride+x/2] = byte(60 + 100*(2*y/height))
			f.V[y/2*f.UVStride+x/2] = byte(60 + 100*(2*x/width))
		}
	}
	return f
}

func TestScalerKeepsThePicture(t *testing.T) {
	scaler := &av.Scaler{}
	defer scaler.Close()
	for _, size := range [][4]int{{640, 360, 320, 180}, {640, 360, 160, 90}, {322, 242, 160, 120}, {64, 64, 16, 16}} {
		frame := quarters(size[0], size[1])
		frame.PTS = 42
		got, err := scaler.Scale(frame, size[2], size[3])
		if err != nil {
			t.Fatal(err)
		}
		want := quarters(size[2], size[3])
		if got.Width != size[2] || got.Height != size[3] || got.PTS != 42 || !got.Valid() {
			t.Fatalf("%v: %dx%d at %v", size, got.Width, got.Height, got.PTS)
		}
		for _, corner := range [][2]int{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
			x, y := size[2]*corner[0]/4, size[3]*corner[1]/4
			for _, planes := range [][2]byte{
				{got.Y[y*got.YStride+x], want.Y[y*want.YStride+x]},
				{got.U[y/2*got.UVStride+x/2], want.U[y/2*want.UVStride+x/2]},
				{got.V[y/2*got.UVStride+x/2], want.V[y/2*want.UVStride+x/2]},
			} {
				if d := int(planes[0]) - int(planes[1]); d < -3 || d > 3 {
					t.Errorf("%v at %d,%d: %d, want %d", size, x, y, planes[0], planes[1])
				}
			}
		}
		got.Release()
	}
	if _, err := scaler.Scale(quarters(64, 64), 15, 16); err == nil {
		t.Error("an odd size was taken")
	}
}

func TestScaledSizes(t *testing.T) {
	for _, test := range []struct {
		width, height int
		factor        float64
		wantW, wantH  int
	}{
		{1280, 720, 1, 1280, 720},
		{1280, 720, 0, 1280, 720},
		{1280, 720, 2, 640, 360},
		{1280, 720, 4, 320, 180},
		{1280, 720, 1.5, 852, 480},
		{560, 320, 4, 140, 80},
		{64, 32, 100, 32, 16},
		{16, 16, 4, 16, 16},
	} {
		if w, h := av.ScaledSize(test.width, test.height, test.factor); w != test.wantW || h != test.wantH {
			t.Errorf("%dx%d by %v: %dx%d, want %dx%d", test.width, test.height, test.factor, w, h, test.wantW, test.wantH)
		}
	}
}
