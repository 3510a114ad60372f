package feedback

import "time"

// gaps are the packets that a stream misses.
type gaps struct {
	started bool
	newest  uint16
	missing []gap
	behind  Behind
	// sent counts the NACKs.
	sent uint64
}

type gap struct {
	sequence uint16
	since    time.Time
	asked    time.Time
	count    int
}

// take reports whether packets before this one are missing.
func (g *gaps) take(sequence uint16, now time.Time) bool {
	ahead := int(int16(sequence - g.newest)) //nolint:gosec // modulo 2^16 is meant
	switch {
	case !g.started || ahead > mostMissing || ahead < -0x4000:
		g.started, g.newest, g.missing = true, sequence, nil

		return false
	case ahead <= 0:
		for i, m := range g.missing {
			if m.sequence == sequence {
				g.missing = append(g.missing[:i], g.missing[i+1:]...)

				break
			}
		}

		return false
	}
	for next := g.newest + 1; next != sequence; next++ {
		g.missing = append(g.missing, gap{sequence: next, since: now})
	}
	g.newest = sequence
	if len(g.missing) > mostMissing {
		g.missing = g.missing[len(g.missing)-mostMissing:]
	}

	return ahead > 1
}

// follow is take of a packet of the stream itself.
func (g *gaps) follow(sequence uint16, now time.Time) bool {
	older := g.started && int16(sequence-g.newest) <= 0 //nolint:gosec // modulo 2^16 is meant
	if g.behind.Take(older, now) > 0 {
		g.started = false
	}

	return g.take(sequence, now)
}

// due gives what is to be asked for now, and forgets what nobody waits for any more.
func (g *gaps) due(now time.Time, again time.Duration) []uint16 {
	var due []uint16
	kept := g.missing[:0]
	for _, m := range g.missing {
		if m.count == maxNacks || now.Sub(m.since) > GiveUpAfter {
			continue
		}
		if m.count == 0 || now.Sub(m.asked) >= again {
			due = append(due, m.sequence)
			m.asked = now
			m.count++
		}
		kept = append(kept, m)
	}
	g.missing = kept

	return due
}
