package packetizetest

import "math/rand/v2"

// H265Unit is a unit of a type of H.265 table 7-1 with its start code.
func H265Unit(kind byte, size int) []byte {
	random := rand.New(rand.NewPCG(uint64(kind), uint64(size))) //nolint:gosec // a size
	unit := []byte{0, 0, 0, 1, kind << 1, 1}
	for range size - 2 {
		unit = append(unit, byte(1+random.IntN(255))) //nolint:gosec // a byte, and never a start code
	}

	return unit
}
