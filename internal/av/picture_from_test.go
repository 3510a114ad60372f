package av_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

type rgb [3]float64

// knownColours are primaries, what is mixed of them, and greys.
var knownColours = []rgb{
	{255, 0, 0},
	{0, 255, 0},
	{0, 0, 255},
	{255, 255, 0},
	{0, 255, 255},
	{255, 0, 255},
	{0, 0, 0},
	{255, 255, 255},
	{128, 128, 128},
	{17, 17, 17},
	{200, 100, 50},
}

var allFormats = []frames.PixelFormat{
	frames.I420, frames.I422, frames.I444, frames.NV12, frames.RGBA, frames.RGBX, frames.BGRA, frames.BGRX,
}

func isRGB(f frames.PixelFormat) bool { return f >= frames.RGBA }

// lumas are the shares of red and blue, of H.273's matrices.
var lumas = map[float64][2]float64{0: {0.299, 0.114}, 1: {0.2126, 0.0722}, 5: {0.299, 0.114}, 6: {0.299, 0.114}, 9: {0.2627, 0.0593}}

// Sanitizers take ten times as long for what the tests compute by themselves, and have nothing to see in it: go:norace
// leaves it to neither.

// yuvOf is a colour as ITU-R BT.601, 709 and 2020 have it.
//
//go:norace
func yuvOf(c rgb, matrix float64, full bool) [3]float64 {
	red, blue := lumas[matrix][0], lumas[matrix][1]
	y := red*c[0] + (1-red-blue)*c[1] + blue*c[2]
	u, v := (c[2]-y)/(2*(1-blue)), (c[0]-y)/(2*(1-red))
	if full {
		return [3]float64{y, 128 + u, 128 + v}
	}
	return [3]float64{16 + y*219/255, 128 + u*224/255, 128 + v*224/255}
}

func round(v float64) byte { return byte(min(max(v, 0), 255) + 0.5) }

// paint makes a picture whose colour at x, y is what colour says.
//
//go:norace
func paint(t *testing.T, head frames.Head, colour func(x, y int) rgb) *frames.Frame {
	t.Helper()
	head.Kind = frames.KindVideo
	f, err := frames.Make(head)
	if err != nil {
		t.Fatal(err)
	}
	format := frames.PixelFormat(head.Format)
	for plane, data := range f.Planes {
		columns, rows := format.PlaneSize(plane, int(f.Width), int(f.Height))
		for row := range rows {
			for i := range columns {
				data[row*int(f.Stride[plane])+i] = byteAt(format, &head, plane, i, row, colour)
			}
		}
	}
	return f
}

// byteAt is byte i of a row of a plane.
//
//go:norace
func byteAt(format frames.PixelFormat, head *frames.Head, plane, i, row int, colour func(x, y int) rgb) byte {
	if isRGB(format) {
		c := colour(i/4, row)
		if i%4 == 3 {
			return 255
		}
		if at := i % 4; format >= frames.BGRA {
			return round(c[2-at])
		} else {
			return round(c[at])
		}
	}
	full := head.FullRange == 1
	if plane == 0 {
		return round(yuvOf(colour(i, row), head.Matrix, full)[0])
	}
	x, y, component := i, row, plane
	switch format {
	case frames.NV12:
		x, y, component = i/2*2, row*2, 1+i%2
	case frames.I420:
		x, y = i*2, row*2
	case frames.I422:
		x = i * 2
	default:
	}
	return round(yuvOf(colour(x, y), head.Matrix, full)[component])
}

// convert copies a part in another format, and gives the planes.
func convert(t *testing.T, f *frames.Frame, part frames.Head) [][]byte {
	t.Helper()
	format := frames.PixelFormat(part.Format)
	total := 0
	var planes [][]byte
	for plane := range format.Planes() {
		columns, rows := format.PlaneSize(plane, int(part.Width), int(part.Height))
		total += columns * rows
	}
	room := make([]byte, total)
	if err := av.ConvertPicture(f, &part, room); err != nil {
		t.Fatal(err)
	}
	for plane := range format.Planes() {
		columns, rows := format.PlaneSize(plane, int(part.Width), int(part.Height))
		planes = append(planes, room[:columns*rows])
		room = room[columns*rows:]
	}
	return planes
}

// worst is how far planes are from what a picture of colour has.
//
//go:norace
func worst(planes [][]byte, head frames.Head, colour func(x, y int) rgb) float64 {
	format := frames.PixelFormat(head.Format)
	far := 0.0
	for plane, data := range planes {
		columns, rows := format.PlaneSize(plane, int(head.Width), int(head.Height))
		for row := range rows {
			for i := range columns {
				want := byteAt(format, &head, plane, i, row, colour)
				got := data[row*columns+i]
				far = max(far, float64(max(got, want)-min(got, want)))
			}
		}
	}
	return far
}

func TestKnownColoursStayWhatTheyAreInEveryFormat(t *testing.T) {
	for _, matrix := range []float64{0, 1, 5, 6, 9} {
		for _, full := range []float64{0, 1} {
			for _, from := range allFormats {
				if isRGB(from) && (matrix != 0 || full != 0) {
					continue
				}
				for _, to := range allFormats {
					t.Run(fmt.Sprintf("%d to %d, matrix %v, full %v", from, to, matrix, full), func(t *testing.T) {
						for _, size := range [][2]float64{{16, 8}, {17, 11}, {1, 1}, {2, 3}, {130, 34}} {
							for _, colour := range knownColours {
								everywhere := func(int, int) rgb { return colour }
								f := paint(t, frames.Head{Format: float64(from), Width: size[0], Height: size[1], Matrix: matrix, FullRange: full}, everywhere)
								to := frames.Head{Format: float64(to), Width: size[0], Height: size[1], Matrix: matrix, FullRange: full}
								if far := worst(convert(t, f, to), to, everywhere); far > 2 {
									t.Errorf("%v of %v: %v from what it is", colour, size, far)
								}
								f.Release()
							}
						}
					})
				}
			}
		}
	}
}

func TestAPartIsConvertedWhereverItBegins(t *testing.T) {
	// Columns and rows of their own colours.
	colour := func(x, y int) rgb { return knownColours[(x/4+y/4*3)%len(knownColours)] }
	for _, from := range allFormats {
		for _, to := range allFormats {
			for _, part := range [][4]float64{{0, 0, 32, 24}, {4, 8, 8, 4}, {20, 12, 12, 12}, {4, 0, 1, 1}, {8, 4, 4, 3}} {
				f := paint(t, frames.Head{Format: float64(from), Width: 32, Height: 24}, colour)
				head := frames.Head{Format: float64(to), X: part[0], Y: part[1], Width: part[2], Height: part[3]}
				moved := func(x, y int) rgb { return colour(x+int(part[0]), y+int(part[1])) }
				planes := convert(t, f, head)
				far := 0
				for plane, data := range planes {
					columns, rows := to.PlaneSize(plane, int(head.Width), int(head.Height))
					for row := range rows {
						for i := range columns {
							want := byteAt(to, &head, plane, i, row, moved)
							if math.Abs(float64(data[row*columns+i])-float64(want)) > 3 {
								far++
							}
						}
					}
				}
				// Where colours meet, chroma is of both.
				if all := int(part[2] * part[3]); far > all*2 {
					t.Errorf("%d to %d, %v: %d of %d are another colour", from, to, part, far, all)
				}
				f.Release()
			}
		}
	}
	// Where no pixels share chroma it is the same picture as one by itself, wherever it begins.
	for _, from := range []frames.PixelFormat{frames.I444, frames.RGBA, frames.BGRX} {
		for _, to := range allFormats {
			whole := paint(t, frames.Head{Format: float64(from), Width: 33, Height: 17}, colour)
			alone := paint(t, frames.Head{Format: float64(from), Width: 21, Height: 9}, func(x, y int) rgb { return colour(x+5, y+3) })
			part := convert(t, whole, frames.Head{Format: float64(to), X: 5, Y: 3, Width: 21, Height: 9})
			want := convert(t, alone, frames.Head{Format: float64(to), Width: 21, Height: 9})
			for plane := range want {
				if !bytes.Equal(part[plane], want[plane]) {
					t.Errorf("%d to %d: plane %d of a part is another", from, to, plane)
				}
			}
		}
	}
}

func TestAPartThatIsNotThereIsRefused(t *testing.T) {
	f := paint(t, frames.Head{Format: float64(frames.I420), Width: 16, Height: 8}, func(int, int) rgb { return rgb{} })
	room := make([]byte, 4096)
	for _, part := range []frames.Head{
		{Format: float64(frames.RGBA), Width: 17, Height: 8},
		{Format: float64(frames.RGBA), X: 1, Width: 16, Height: 8},
		{Format: float64(frames.RGBA), X: -1, Width: 4, Height: 4},
		{Format: float64(frames.RGBA), Y: math.NaN(), Width: 4, Height: 4},
		{Format: float64(frames.RGBA), Width: 0, Height: 8},
		{Format: float64(frames.RGBA), X: 1, Width: 4, Height: 4},
		{Format: float64(frames.I444), Y: 3, Width: 4, Height: 4},
		{Format: float64(frames.RGBA), X: 1e300, Width: 1, Height: 1},
		{Format: 99, Width: 4, Height: 4},
		{Format: -1, Width: 4, Height: 4},
		{Format: float64(frames.RGBA), Width: 16, Height: 8, Stride: [4]float64{1}},
		{Format: float64(frames.RGBA), Width: 16, Height: 8, Stride: [4]float64{64}, Offset: [4]float64{4000}},
	} {
		if err := av.ConvertPicture(f, &part, room); err == nil {
			t.Errorf("%+v was taken", part)
		} else if !errors.Is(err, frames.ErrSize) && !errors.Is(err, frames.ErrFormat) && !errors.Is(err, av.ErrInvalidData) {
			t.Errorf("%+v: %v", part, err)
		}
	}
	if err := av.ConvertPicture(f, &frames.Head{Format: float64(frames.RGBA), Width: 16, Height: 8}, room[:511]); !errors.Is(err, frames.ErrSize) {
		t.Errorf("too little room: %v", err)
	}
}

func TestPicturesAreScaledInTheirOwnColours(t *testing.T) {
	var maker av.PictureMaker
	defer maker.Close()
	for _, matrix := range []uint8{0, 1, 9} {
		for _, colour := range knownColours {
			for _, size := range [][2]int{{64, 48}, {63, 47}, {5, 3}, {320, 200}, {1, 1}} {
				picture := media.NewVideoFrame(64, 48)
				picture.Matrix = matrix
				fill := func(plane []byte, value float64) {
					for i := range plane {
						plane[i] = round(value)
					}
				}
				yuv := yuvOf(colour, float64(matrix), false)
				fill(picture.Y, yuv[0])
				fill(picture.U, yuv[1])
				fill(picture.V, yuv[2])
				for _, to := range allFormats {
					head := frames.Head{Kind: frames.KindVideo, Format: float64(to), Width: float64(size[0]), Height: float64(size[1]), Matrix: float64(matrix)}
					made, err := maker.Make(picture, head)
					if err != nil {
						t.Fatal(err)
					}
					var planes [][]byte
					for plane := range made.Planes {
						columns, rows := to.PlaneSize(plane, size[0], size[1])
						var all []byte
						for row := range rows {
							all = append(all, made.Planes[plane][row*int(made.Stride[plane]):][:columns]...)
						}
						planes = append(planes, all)
					}
					if far := worst(planes, head, func(int, int) rgb { return colour }); far > 2 {
						t.Errorf("%v, matrix %d, to %d of %v: %v from what it is", colour, matrix, to, size, far)
					}
					made.Release()
				}
			}
		}
	}
}

func TestWhatIsMadeToBeEncodedKeepsItsColours(t *testing.T) {
	var converter av.PictureConverter
	defer converter.Close()
	for _, format := range allFormats {
		for _, full := range []float64{0, 1} {
			for _, matrix := range []float64{0, 1, 6, 9} {
				if isRGB(format) && (full != 0 || matrix != 0) {
					continue
				}
				for _, colour := range knownColours {
					f := paint(t, frames.Head{Format: float64(format), Width: 66, Height: 34, Matrix: matrix, FullRange: full}, func(int, int) rgb { return colour })
					made, err := converter.ToI420(f, 0)
					if err != nil {
						t.Fatal(err)
					}
					want := yuvOf(colour, matrix, false)
					got := [3]byte{made.Y[17*made.YStride+33], made.U[8*made.UVStride+16], made.V[8*made.UVStride+16]}
					for i := range got {
						if math.Abs(float64(got[i])-want[i]) > 2.5 {
							t.Errorf("%d, full %v: %v is %v, want %.0f", format, full, colour, got, want)
							break
						}
					}
					wantMatrix := uint8(matrix)
					if isRGB(format) {
						wantMatrix = 6
					}
					if made.Matrix != wantMatrix || made.FullRange {
						t.Errorf("%d, full %v: matrix %d of %v, full range %v", format, full, made.Matrix, matrix, made.FullRange)
					}
					made.Release()
					f.Release()
				}
			}
		}
	}
}
