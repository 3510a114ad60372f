package congestion

// Stream is what of a bitrate is shared out to: the layers of a sender, of low
// quality first.
type Stream struct{ Layers []Layer }

// Layer is an encoding, in bits a second.
type Layer struct {
	// Min is below what it is of no use; the first layer gets it always. Max is all
	// that it can use.
	Min, Max int
	// Sent says whether it is sent now.
	Sent bool
}

// returnMargin keeps a layer that was left out from coming and going.
const returnMargin = 1.25

// Share gives each layer a bitrate, 0 where it is not to be sent. Streams are
// equal; what one can't use is for the others. Within a stream, a layer gets
// something once those below it have all that they can use.
func Share(available int, streams []Stream) [][]int {
	claims := make([]claim, len(streams))
	for i, s := range streams {
		for _, l := range s.Layers {
			claims[i].most += float64(l.most())
		}
	}
	fill(float64(available), claims)
	shares := make([][]int, len(streams))
	rest := float64(available)
	for i, s := range streams {
		shares[i] = s.share(int(claims[i].given))
		room := 0
		for level, given := range shares[i] {
			rest -= float64(given)
			if given > 0 {
				room += s.Layers[level].most() - given
			}
		}
		claims[i].most = float64(room)
	}
	// A part that is too small for a layer is for the layers that are sent.
	fill(max(rest, 0), claims)
	for i, s := range streams {
		more := int(claims[i].given)
		for level, given := range shares[i] {
			if given > 0 {
				add := min(more, s.Layers[level].most()-given)
				shares[i][level] += add
				more -= add
			}
		}
	}

	return shares
}

func (l Layer) most() int { return max(l.Max, l.Min) }

// share gives a stream's part to its layers.
func (s Stream) share(part int) []int {
	given := make([]int, len(s.Layers))
	for level, l := range s.Layers {
		needed := l.Min
		if !l.Sent {
			needed = min(int(float64(l.Min)*returnMargin), l.most())
		}
		if level > 0 && part < needed {
			break
		}
		given[level] = min(max(part, l.Min), l.most())
		part -= given[level]
		if given[level] < l.most() {
			break
		}
	}

	return given
}

// claim is for a part of at most so much.
type claim struct{ most, given float64 }

// fill raises all alike until each has its most or nothing is left.
func fill(rest float64, claims []claim) {
	open := make([]*claim, len(claims))
	for i := range claims {
		claims[i].given = 0
		open[i] = &claims[i]
	}
	for len(open) > 0 {
		part := rest / float64(len(open))
		still := open[:0:0]
		for _, c := range open {
			if c.most <= part {
				c.given = c.most
				rest -= c.most
			} else {
				still = append(still, c)
			}
		}
		if len(still) == len(open) {
			for _, c := range open {
				c.given = part
			}

			return
		}
		open = still
	}
}
