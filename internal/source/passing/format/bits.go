package format

// bitReader reads the syntax elements of H.264 (section 7.2, 9.1), and leaves
// out the bytes that keep start codes from appearing. Beyond the end it gives 0.
type bitReader struct {
	data   []byte
	at     int
	zeros  int
	left   int
	buffer byte
	failed bool
}

func newBitReader(data []byte) *bitReader { return &bitReader{data: data} }

func (r *bitReader) ok() bool { return !r.failed }

func (r *bitReader) bit() uint32 {
	if r.left == 0 {
		if r.zeros >= 2 && r.at < len(r.data) && r.data[r.at] == 3 {
			r.at++
			r.zeros = 0
		}
		if r.at >= len(r.data) {
			r.failed = true
			return 0
		}
		r.buffer, r.left = r.data[r.at], 8
		r.at++
		if r.buffer == 0 {
			r.zeros++
		} else {
			r.zeros = 0
		}
	}
	r.left--
	return uint32(r.buffer >> r.left & 1)
}

func (r *bitReader) u(bits int) (value uint32) {
	for range bits {
		value = value<<1 | r.bit()
	}
	return value
}

// ue is an Exp-Golomb code.
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.bit() == 0 {
		if zeros++; zeros > 31 || r.failed {
			r.failed = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.u(zeros)
}

// se is a signed Exp-Golomb code.
func (r *bitReader) se() int {
	code := int(r.ue())
	if code&1 == 1 {
		return (code + 1) / 2
	}
	return -code / 2
}
