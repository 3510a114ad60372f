package hostiletest

import "math/rand/v2"

// Random is a source of malformed things.
type Random struct{ *rand.Rand }

// NewRandom makes one of a seed.
func NewRandom(seed uint64) Random { return Random{rand.New(rand.NewPCG(seed, seed))} }

// Bytes are n of any value.
func (r Random) Bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}

	return b
}

// byte is likely to be one that means something.
func (r Random) byte() byte { return Pick(r, 0, 1, 0x7f, 0x80, 0xff, byte(r.Uint32())) }

// Word is likely to be at a limit.
func (r Random) Word() uint32 {
	return Pick(r, 0, 1, 0x7fffffff, 0x80000000, 0xffffffff, r.Uint32())
}

// half is Word of two bytes.
func (r Random) half() uint16 { return Pick(r, 0, 1, 0x7fff, 0x8000, 0xffff, uint16(r.Uint32())) }

// mutate changes some of what is given: bits, bytes, ends.
func (r Random) mutate(b []byte) []byte {
	for range r.IntN(4) {
		switch {
		case len(b) == 0:
			return b
		case r.IntN(3) == 0:
			b = b[:r.IntN(len(b))]
		case r.IntN(2) == 0:
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		default:
			b[r.IntN(len(b))] = r.byte()
		}
	}

	return b
}

// Pick is one of values.
func Pick[T any](r Random, values ...T) T { return values[r.IntN(len(values))] }
