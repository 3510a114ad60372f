package codectest

import (
	"math"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Colour is one of I420 (BT.601, limited range).
type Colour struct{ Y, U, V byte }

// The colours of Bars, left to right.
var barColours = [...]Colour{
	{235, 128, 128},
	{210, 16, 146},
	{170, 166, 16},
	{145, 54, 34},
	{106, 202, 222},
	{81, 90, 240},
	{41, 240, 110},
	{16, 128, 128},
}

// Bars draws eight colour bars, with a square that moves as number rises.
func Bars(width, height, number int) *media.VideoFrame {
	f := media.NewVideoFrame(width, height)
	side := min(width, height) / 4 &^ 1
	left := number * 4 % max(width-side, 1) &^ 1
	top := (height - side) / 2 &^ 1
	drawRows(f, 0, height, func(x int) Colour { return barColours[x*len(barColours)/width] })
	drawRows(f, top, top+side, func(x int) Colour {
		if x >= left && x < left+side {
			return Colour{180, 128, 128}
		}
		return barColours[x*len(barColours)/width]
	})
	f.PTS = time.Duration(number) * time.Second / 30
	return f
}

// drawRows makes the rows from top to bottom alike.
func drawRows(f *media.VideoFrame, top, bottom int, colour func(x int) Colour) {
	y, u, v := make([]byte, f.Width), make([]byte, f.UVStride), make([]byte, f.UVStride)
	for x := range f.Width {
		c := colour(x)
		y[x], u[x/2], v[x/2] = c.Y, c.U, c.V
	}
	for row := top; row < bottom; row++ {
		copy(f.Y[row*f.YStride:], y)
		copy(f.U[row/2*f.UVStride:], u)
		copy(f.V[row/2*f.UVStride:], v)
	}
}

// Noise draws what is hard to code: a different texture for each number.
func Noise(width, height, number int) *media.VideoFrame {
	f := media.NewVideoFrame(width, height)
	state := uint32(number)*2654435761 + 1
	for _, plane := range [][]byte{f.Y, f.U, f.V} {
		for i := range plane {
			state = state*1664525 + 1013904223
			plane[i] = 64 + byte(state>>25)
		}
	}
	f.PTS = time.Duration(number) * time.Second / 30
	return f
}

// Near reports whether no part of two colours is further apart than slack.
func (c Colour) Near(other Colour, slack int) bool {
	for _, d := range []int{int(c.Y) - int(other.Y), int(c.U) - int(other.U), int(c.V) - int(other.V)} {
		if max(d, -d) > slack {
			return false
		}
	}
	return true
}

// At gives the colour of f at x, y.
func At(f *media.VideoFrame, x, y int) Colour {
	return Colour{f.Y[y*f.YStride+x], f.U[y/2*f.UVStride+x/2], f.V[y/2*f.UVStride+x/2]}
}

// PSNR of all three planes in dB, 99 for equal pictures, 0 for pictures of
// different sizes. Sanitizers take ten times as long, and have nothing to see in it.
//
//go:norace
func PSNR(a, b *media.VideoFrame) float64 {
	if a.Width != b.Width || a.Height != b.Height {
		return 0
	}
	sum, count := 0, 0
	compare := func(p, q []byte, pStride, qStride, width, height int) {
		for y := range height {
			one, other := p[y*pStride:][:width], q[y*qStride:][:width]
			for x, value := range one {
				d := int(value) - int(other[x])
				sum += d * d
			}
		}
		count += width * height
	}
	compare(a.Y, b.Y, a.YStride, b.YStride, a.Width, a.Height)
	compare(a.U, b.U, a.UVStride, b.UVStride, a.Width/2, a.Height/2)
	compare(a.V, b.V, a.UVStride, b.UVStride, a.Width/2, a.Height/2)
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(count)/float64(sum))
}
