package frames_test

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
)

// Whatever numbers JavaScript sends do no harm.
func FuzzCopy(f *testing.F) {
	f.Add(2.0, 1.0, 4.0, 4.0, 48000.0, 2.0, 6.0, 0.0, 4.0, 0.0, 2.0, []byte("0123456789012345678901234"))
	f.Add(1.0, 2.0, 4.0, 4.0, 48000.0, 2.0, 6.0, 0.0, 4.0, 1.0, 2.0, []byte("0123456789012345678901234"))
	f.Add(1.0, 8.0, math.NaN(), math.Inf(1), -1.0, 2.0, 3.0, 1e18, -4.0, 1.0, 0.5, []byte("0123456789012345678901234"))
	f.Fuzz(func(t *testing.T, kind, format, width, height, rate, channels, samples, offset, stride, x, y float64, data []byte) {
		head := frames.Head{
			Kind: kind, Format: format, Width: width, Height: height, SampleRate: rate, Channels: channels, Samples: samples,
			Offset: [4]float64{0, offset, offset}, Stride: [4]float64{stride, stride, 0}, X: x, Y: y,
		}
		made, err := frames.Copy(head, data)
		if err != nil {
			return
		}
		defer made.Release()
		if part, err := made.Part(head); err == nil {
			part.Release()
		}
		for part := range 9 {
			head.Format = float64(part)
			_ = made.CopyPart(&head, make([]byte, len(data)))
			_ = made.CopyPart(&head, data[:min(len(data), 5)])
		}
	})
}

func TestSoundThatIsTooLoudIsCutOff(t *testing.T) {
	loud := frames.Head{Kind: frames.KindAudio, Format: float64(frames.F32), Channels: 1, Samples: 4, SampleRate: 8000}
	var data []byte
	for _, sample := range []float32{1.5, -7, float32(math.NaN()), 1} {
		bits := math.Float32bits(sample)
		data = append(data, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
	}
	made, err := frames.Copy(loud, data)
	if err != nil {
		t.Fatal(err)
	}
	defer made.Release()
	for _, c := range []struct {
		format frames.SampleFormat
		want   []byte
	}{
		{frames.S16, []byte{0xff, 0x7f, 0, 0x80, 0, 0, 0xff, 0x7f}},
		{frames.U8Planar, []byte{255, 0, 128, 255}},
	} {
		room := make([]byte, len(c.want))
		part := frames.Head{Format: float64(c.format), Samples: 4}
		if err := made.CopyPart(&part, room); err != nil || !bytes.Equal(room, c.want) {
			t.Errorf("format %d: %v, %v, want %v", c.format, room, err, c.want)
		}
	}
}

func TestMemoryOfFramesIsUsedAgain(t *testing.T) {
	head := frames.Head{Kind: frames.KindVideo, Format: float64(frames.I420), Width: 6, Height: 4}
	data := bytes.Repeat([]byte{7}, 36)
	first, err := frames.Copy(head, data)
	if err != nil {
		t.Fatal(err)
	}
	at := &first.Planes[0][0]
	shared := first.Retain()
	first.Release()
	second, _ := frames.Copy(head, data)
	if at == &second.Planes[0][0] {
		t.Error("memory that is still read was used again")
	}
	shared.Release()
	third, _ := frames.Copy(head, data)
	if at != &third.Planes[0][0] {
		t.Error("memory that nobody reads was not used again")
	}
	second.Release()
	third.Release()
	head.Width = 1e9
	if _, err := frames.Copy(head, data); !errors.Is(err, frames.ErrSize) {
		t.Errorf("a picture of 1e9 columns: %v", err)
	}
}

func TestAPartOfAPictureIsThatRectangle(t *testing.T) {
	const width, height = 16, 12
	for _, format := range []frames.PixelFormat{
		frames.I420, frames.I422, frames.I444, frames.NV12, frames.RGBA, frames.RGBX, frames.BGRA, frames.BGRX,
	} {
		data := make([]byte, 4*width*height)
		for i := range data {
			data[i] = byte(i * 7)
		}
		made, err := frames.Copy(frames.Head{Kind: frames.KindVideo, Format: float64(format), Width: width, Height: height}, data)
		if err != nil {
			t.Fatal(err)
		}
		rectangle := frames.Head{X: 4, Y: 2, Width: 7, Height: 5}
		part, err := made.Part(rectangle)
		if err != nil {
			t.Fatal(err)
		}
		want, got := make([]byte, 4*7*5), make([]byte, 4*7*5)
		whole := frames.Head{Width: 7, Height: 5}
		if err := errors.Join(made.CopyPart(&rectangle, want), part.CopyPart(&whole, got)); err != nil {
			t.Fatal(err)
		}
		if part.Width != 7 || part.Height != 5 || !bytes.Equal(want, got) {
			t.Errorf("format %d: %vx%v, %v, want %v", format, part.Width, part.Height, got, want)
		}
		for _, wrong := range []frames.Head{
			{X: 10, Width: 7, Height: 5},
			{Y: 8, Width: 7, Height: 5},
			{Width: 3},
			{X: -2, Width: 7, Height: 5},
			{X: 0.5, Width: 7, Height: 5},
			{Width: math.Inf(1), Height: 1},
		} {
			if _, err := made.Part(wrong); !errors.Is(err, frames.ErrSize) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		part.Release()
		made.Release()
	}
}
