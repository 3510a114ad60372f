package frames

import "time"

// Head describes a frame. It is mscp_frame of goexport/abi.h, field by field, and lib/frames/head.ts reads it: all
// numbers are float64, which carries each of them exactly.
type Head struct {
	// Token is of a frame that JavaScript holds; 0 is none.
	Token float64
	Kind  float64
	// Timestamp and Duration are in µs; a Duration of 0 is unknown.
	Timestamp, Duration float64
	// Format is a PixelFormat or a SampleFormat; 0 for coded frames.
	Format float64
	// Width and Height in pixels.
	Width, Height float64
	// Rotation is clockwise in degrees: 0, 90, 180, 270.
	Rotation float64
	// SampleRate in Hz, Channels, and Samples of each channel.
	SampleRate, Channels, Samples float64
	// Key is 1 for a keyframe.
	Key float64
	// Sequence counts the frames of a reader from 1, those that were dropped too; Dropped are those between the last
	// that was taken and this one.
	Sequence, Dropped float64
	// Size is of all planes in bytes, and Planes how many there are.
	Size, Planes float64
	// Stride of each plane in bytes. Offset is where it begins in memory that holds all of them, of a frame that is
	// made, or copied.
	Stride, Offset [MostPlanes]float64
	// X and Y are the first pixel of a part that is copied; of sound X is the plane, and Y the first sample.
	X, Y float64
	// FullRange is 1 where black is 0 and white 255, and Matrix an ITU-T H.273 MatrixCoefficients; 0 is unknown.
	FullRange, Matrix float64
	// What RTP says of a coded frame that came from, or goes to, a network. Spatial and Temporal are layers; NaN is
	// unknown. A second plane has who contributed (CSRCs), in four bytes each, the lowest first.
	SSRC, PayloadType, RTPTimestamp, SequenceNumber, Spatial, Temporal float64
	// AudioLevel is in -dBov, 1 to 127; 0 is unknown.
	AudioLevel float64
	// Lost packets came before this coded frame.
	Lost float64
}

// MostPlanes is how many planes a picture may have.
const MostPlanes = 4

// The kinds.
const (
	KindAudio = iota + 1
	KindVideo
	KindCodedAudio
	KindCodedVideo
)

// PixelFormat is one of WebCodecs'.
type PixelFormat int

// The pixel formats.
const (
	I420 PixelFormat = iota + 1
	I422
	I444
	NV12
	RGBA
	RGBX
	BGRA
	BGRX
)

// SampleFormat is one of WebCodecs'.
type SampleFormat int

// The sample formats: interleaved ones, then planar ones.
const (
	U8 SampleFormat = iota + 1
	S16
	S32
	F32
	U8Planar
	S16Planar
	S32Planar
	F32Planar
)

// Planar says that each channel has a plane of its own.
func (f SampleFormat) Planar() bool { return f >= U8Planar }

// Bytes of one sample.
func (f SampleFormat) Bytes() int {
	switch f {
	case U8, U8Planar:
		return 1
	case S16, S16Planar:
		return 2
	default:
		return 4
	}
}

// Known says that there is such a format.
func (f SampleFormat) Known() bool { return f >= U8 && f <= F32Planar }

// Known says that there is such a format.
func (f PixelFormat) Known() bool { return f >= I420 && f <= BGRX }

// Planes are how many planes it has.
func (f PixelFormat) Planes() int {
	switch f {
	case I420, I422, I444:
		return 3
	case NV12:
		return 2
	default:
		return 1
	}
}

// PlaneSize is the width in bytes and the height in rows of a plane of a picture.
func (f PixelFormat) PlaneSize(plane, width, height int) (bytes, rows int) {
	half := func(n int) int { return (n + 1) / 2 }
	switch {
	case f > NV12:
		return 4 * width, height
	case plane == 0 || f == I444:
		return width, height
	case f == I422:
		return half(width), height
	case f == NV12:
		return 2 * half(width), half(height)
	default:
		return half(width), half(height)
	}
}

// sharing is how many columns and rows of pixels have one chroma.
func (f PixelFormat) sharing() (columns, rows int) {
	switch f {
	case I420, NV12:
		return 2, 2
	case I422:
		return 2, 1
	default:
		return 1, 1
	}
}

// Microseconds is how Head counts time.
func Microseconds(d time.Duration) float64 { return float64(d.Microseconds()) }

// Time is what a Timestamp or a Duration stands for, of any that JavaScript counts exactly: 285 years, either way.
func Time(microseconds float64) time.Duration {
	const most = float64(1 << 53)
	return time.Duration(min(max(microseconds, -most), most)) * time.Microsecond
}
