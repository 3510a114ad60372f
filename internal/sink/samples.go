package sink

import (
	"encoding/binary"
	"math"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
)

// writeSamples writes each step-th of samples as format has them, one after the other.
func writeSamples(format frames.SampleFormat, to []byte, samples []int16, step int) {
	at := 0
	for i := 0; i < len(samples); i += step {
		sample := samples[i]
		switch format {
		case frames.U8, frames.U8Planar:
			to[at] = byte(int(sample)>>8 + 128)
		case frames.S16, frames.S16Planar:
			binary.LittleEndian.PutUint16(to[at:], uint16(sample)) //nolint:gosec // two's complement
		case frames.S32, frames.S32Planar:
			binary.LittleEndian.PutUint32(to[at:], uint32(int32(sample)<<16)) //nolint:gosec // two's complement
		default:
			binary.LittleEndian.PutUint32(to[at:], math.Float32bits(float32(sample)/(1<<15)))
		}
		at += format.Bytes()
	}
}
