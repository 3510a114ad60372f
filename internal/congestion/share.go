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
// equal; what one can't use is for the others. A layer gets something once those
// below it have all that they can use.
func Share(available int, streams []Stream) [][]int {
	shares := make([][]int, len(streams))
	deepest := 0
	for i, s := range streams {
		shares[i] = make([]int, len(s.Layers))
		deepest = max(deepest, len(s.Layers))
	}
	rest := float64(available)
	for level := range deepest {
		var wanting []claim
		for i, s := range streams {
			full := level < len(s.Layers) && (level == 0 || shares[i][level-1] >= s.Layers[level-1].Max)
			if !full {
				continue
			}
			l := s.Layers[level]
			c := claim{stream: i, least: float64(l.Min), most: float64(max(l.Max, l.Min))}
			c.needed = c.least
			switch {
			case level == 0:
				c.needed = 0
			case !l.Sent:
				c.needed = min(c.least*returnMargin, c.most)
			}
			wanting = append(wanting, c)
		}
		for _, c := range divide(rest, wanting) {
			shares[c.stream][level] = int(c.given)
			rest = max(rest-c.given, 0)
		}
	}

	return shares
}

// claim of a layer: at least needed to be sent, least and most when it is.
type claim struct {
	stream              int
	needed, least, most float64
	given               float64
}

// divide gives equal parts to those that can use them. Who would get less than it
// needs gets nothing, the one that needs most first.
func divide(rest float64, claims []claim) []claim {
	for len(claims) > 0 {
		fill(rest, claims)
		worst := -1
		for i, c := range claims {
			if c.given < c.needed && (worst < 0 || c.needed >= claims[worst].needed) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		claims = append(claims[:worst], claims[worst+1:]...)
	}
	for i := range claims {
		claims[i].given = max(claims[i].given, claims[i].least)
	}

	return claims
}

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
