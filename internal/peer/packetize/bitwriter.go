package packetize

import "math/bits"

// bitWriter puts numbers of any width behind each other, the highest bit first.
type bitWriter struct {
	data []byte
	free int
}

func (w *bitWriter) put(value, width int) {
	for width > 0 {
		if w.free == 0 {
			w.data = append(w.data, 0)
			w.free = 8
		}
		n := min(w.free, width)
		part := value >> (width - n) & (1<<n - 1)
		w.data[len(w.data)-1] |= byte(part << (w.free - n)) //nolint:gosec // at most 8 bits
		w.free -= n
		width -= n
	}
}

func (w *bitWriter) flag(set bool) {
	if set {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
}

// putBelow is ns(n) of AV1 section 4.10.7: a number below n.
func (w *bitWriter) putBelow(value, n int) {
	width := bits.Len(uint(n)) //nolint:gosec // above 0
	// So many numbers need a bit less than the others.
	shorter := 1<<width - n
	if value < shorter {
		w.put(value, width-1)
	} else {
		w.put(value+shorter, width)
	}
}
