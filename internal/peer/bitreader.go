package peer

import "errors"

var errOutOfBits = errors.New("the header ends early")

// bitReader reads a header bit by bit. What is read beyond the end is 0, and err tells.
type bitReader struct {
	data []byte
	at   int
	err  error
}

// read gives the next n bits, at most 32.
func (b *bitReader) read(n int) uint32 {
	var value uint32
	for range n {
		if b.at >= 8*len(b.data) {
			b.err = errOutOfBits

			return 0
		}
		value = value<<1 | uint32(b.data[b.at/8]>>(7-b.at%8)&1)
		b.at++
	}

	return value
}

func (b *bitReader) flag() bool { return b.read(1) == 1 }

func (b *bitReader) skip(n int) { b.at += n }

// ue reads an Exp-Golomb code (ITU-T H.264 section 9.1); AV1's uvlc is the same.
func (b *bitReader) ue() uint32 {
	zeros := 0
	for !b.flag() {
		if zeros++; zeros > 31 || b.err != nil {
			b.err = errOutOfBits

			return 0
		}
	}

	return 1<<zeros - 1 + b.read(zeros)
}
