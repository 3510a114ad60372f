package av

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
)

// What JavaScript says of a picture that it made, or wants copied: FFmpeg reads and writes within the memory that is there.
func FuzzConvertPicture(f *testing.F) {
	f.Add(uint8(1), 4.0, 4.0, uint8(5), 0.0, 0.0, 4.0, 4.0, 90.0, 1.0, 1.0, 0.0, []byte("0123456789abcdef01234567"))
	f.Add(uint8(5), 2.0, 2.0, uint8(1), 1.0, 1.0, 1.0, 1.0, 270.0, 0.0, 9.0, 8.0, []byte("0123456789abcdef"))
	f.Add(uint8(4), 5.0, 3.0, uint8(3), 0.0, 0.0, 0.0, 0.0, -90.0, 1.0, 1.0, 3.0, make([]byte, 64))
	f.Fuzz(func(t *testing.T, format uint8, width, height float64, wanted uint8, x, y, partWidth, partHeight, rotation, fullRange, matrix, stride float64, data []byte) {
		made, err := frames.Copy(frames.Head{
			Kind: frames.KindVideo, Format: float64(format%10) - 1, Width: width, Height: height, Rotation: rotation, FullRange: fullRange, Matrix: matrix,
		}, data)
		if err != nil {
			return
		}
		defer made.Release()
		part := frames.Head{Format: float64(wanted%10) - 1, X: x, Y: y, Width: partWidth, Height: partHeight, Stride: [4]float64{stride, stride, stride}}
		_ = ConvertPicture(made, &part, make([]byte, len(data)))
		var c PictureConverter
		defer c.Close()
		picture, err := c.ToI420(made, 0)
		if err != nil {
			return
		}
		if picture.Width%2 != 0 || picture.Height%2 != 0 || picture.Width < 2 || picture.Height < 2 ||
			len(picture.Y) < picture.YStride*(picture.Height-1)+picture.Width {
			t.Errorf("%vx%v became %dx%d in %d bytes", width, height, picture.Width, picture.Height, len(picture.Y))
		}
		picture.Release()
	})
}
