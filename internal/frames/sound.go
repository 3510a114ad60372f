package frames

import (
	"encoding/binary"
	"fmt"
	"math"
)

// sample reads one, from -1 to 1.
func (f SampleFormat) sample(data []byte) float64 {
	switch f {
	case U8, U8Planar:
		return (float64(data[0]) - 128) / 128
	case S16, S16Planar:
		return float64(int16(binary.LittleEndian.Uint16(data))) / (1 << 15) //nolint:gosec // two's complement
	case S32, S32Planar:
		return float64(int32(binary.LittleEndian.Uint32(data))) / (1 << 31) //nolint:gosec // two's complement
	default:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
}

// put writes one. What is louder than full is cut off, but of floating point.
func (f SampleFormat) put(data []byte, value float64) {
	whole := func(steps float64) float64 {
		if math.IsNaN(value) {
			return 0
		}

		return min(max(math.RoundToEven(value*steps), -steps), steps-1)
	}
	switch f {
	case U8, U8Planar:
		data[0] = byte(whole(128) + 128)
	case S16, S16Planar:
		binary.LittleEndian.PutUint16(data, uint16(int16(whole(1<<15)))) //nolint:gosec // two's complement
	case S32, S32Planar:
		binary.LittleEndian.PutUint32(data, uint32(int32(whole(1<<31)))) //nolint:gosec // two's complement
	default:
		binary.LittleEndian.PutUint32(data, math.Float32bits(float32(value)))
	}
}

// channel is where the samples of one are: from first on, each step bytes after the other.
func (f *Frame) channel(channel int) (plane []byte, first, step int) {
	format := SampleFormat(f.Format)
	if format.Planar() {
		return f.Planes[channel], 0, format.Bytes()
	}

	return f.Planes[0], channel * format.Bytes(), int(f.Channels) * format.Bytes()
}

// convertSound copies samples of the plane of a format that is not the frame's.
func (f *Frame) convertSound(to SampleFormat, plane, first, samples int, room []byte) error {
	if !to.Known() {
		return fmt.Errorf("%w: samples of format %d", ErrFormat, to)
	}
	channels, size := []int{plane}, to.Bytes()
	if !to.Planar() {
		channels = channels[:0]
		for channel := range int(f.Channels) {
			channels = append(channels, channel)
		}
	}
	if need := samples * size * len(channels); need > len(room) {
		return fmt.Errorf("%w: %d bytes of %d", ErrSize, len(room), need)
	}
	from := SampleFormat(f.Format)
	for i, channel := range channels {
		data, at, step := f.channel(channel)
		at += first * step
		for sample := range samples {
			to.put(room[(sample*len(channels)+i)*size:], from.sample(data[at:]))
			at += step
		}
	}

	return nil
}
