package media

import (
	"sync/atomic"
	"time"
)

// MatrixBT601 is a MatrixCoefficients of ITU-T H.273: of pictures that don't say, as WebRTC has it.
const MatrixBT601 = 6

// VideoFrame is a raw I420 picture. Its planes are shared between readers:
// nobody changes them after it was made.
//
// Planes of a lent frame go back to their pool with the last Release. Who is
// handed a frame may read it until the call returns; who keeps it longer calls
// Retain first and Release once. On frames that were not lent both do nothing.
type VideoFrame struct {
	Width, Height     int
	Y, U, V           []byte
	YStride, UVStride int
	PTS               time.Duration
	// Matrix is a MatrixCoefficients of ITU-T H.273; 0 is unknown. FullRange says that
	// black is 0 and white 255: what is to be encoded never has it.
	Matrix    uint8
	FullRange bool

	recycle    func(*VideoFrame)
	references atomic.Int32
}

// Lend makes f a frame that its caller holds one reference to; recycle gets
// the planes back after the last Release, on any goroutine.
func (f *VideoFrame) Lend(recycle func(*VideoFrame)) {
	f.recycle = recycle
	f.references.Store(1)
}

// Retain adds a reference.
func (f *VideoFrame) Retain() {
	if f.recycle != nil {
		f.references.Add(1)
	}
}

// Release gives a reference up. The planes may not be read after it.
func (f *VideoFrame) Release() {
	if f.recycle != nil && f.references.Add(-1) == 0 {
		f.recycle(f)
	}
}

// At is the same picture at another time, with a reference of its own.
func (f *VideoFrame) At(pts time.Duration) *VideoFrame {
	f.Retain()
	again := &VideoFrame{
		Width: f.Width, Height: f.Height, Y: f.Y, U: f.U, V: f.V,
		YStride: f.YStride, UVStride: f.UVStride, PTS: pts,
		Matrix: f.Matrix, FullRange: f.FullRange,
	}
	again.Lend(func(*VideoFrame) { f.Release() })
	return again
}

// NewVideoFrame makes a frame of its own memory, not lent, with chroma planes
// rounded up for odd sizes.
func NewVideoFrame(width, height int) *VideoFrame {
	uvWidth, uvHeight := (width+1)/2, (height+1)/2
	luma, chroma := width*height, uvWidth*uvHeight
	memory := make([]byte, luma+2*chroma)
	return &VideoFrame{
		Width:    width,
		Height:   height,
		Y:        memory[:luma:luma],
		U:        memory[luma : luma+chroma : luma+chroma],
		V:        memory[luma+chroma:],
		YStride:  width,
		UVStride: uvWidth,
	}
}

// NewBlackFrame makes a black one, of limited range.
func NewBlackFrame(width, height int) *VideoFrame {
	f := NewVideoFrame(width, height)
	for i := range f.Y {
		f.Y[i] = 16
	}
	for _, plane := range [][]byte{f.U, f.V} {
		for i := range plane {
			plane[i] = 128
		}
	}
	return f
}

// Valid reports whether the planes hold as many bytes as the size asks for.
func (f *VideoFrame) Valid() bool {
	if f == nil || f.Width <= 0 || f.Height <= 0 {
		return false
	}
	uvWidth, uvHeight := (f.Width+1)/2, (f.Height+1)/2
	uvBytes := f.UVStride*(uvHeight-1) + uvWidth
	return f.YStride >= f.Width && f.UVStride >= uvWidth &&
		len(f.Y) >= f.YStride*(f.Height-1)+f.Width &&
		len(f.U) >= uvBytes && len(f.V) >= uvBytes
}

// AudioFrame is raw interleaved sound of any length. It is lent for the call
// that hands it over: who keeps Samples copies them.
type AudioFrame struct {
	SampleRate int
	Channels   int
	// Samples are interleaved: len is a multiple of Channels.
	Samples []int16
	PTS     time.Duration
}

// Duration is the time that the samples play.
func (f *AudioFrame) Duration() time.Duration {
	if f.SampleRate <= 0 || f.Channels <= 0 {
		return 0
	}
	return time.Duration(len(f.Samples)/f.Channels) * time.Second / time.Duration(f.SampleRate)
}
