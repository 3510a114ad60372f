package play

import "fmt"

// end deals with the end of the file, and reports whether all is over.
func (p *Player) end() bool {
	running, exhausted := 0, true
	for _, part := range p.parts {
		if part.running && !part.ended {
			running++
			exhausted = exhausted && (part.Exhausted() || p.spared(part))
		}
	}
	if running == 0 {
		return false
	}
	if exhausted && p.looping() {
		if err := p.turn(); err != nil {
			p.endAll(err)
			return true
		}
		return false
	}

	position := p.position()
	for _, part := range p.parts {
		if part.running && !part.ended && !p.goesOn(part) && part.Finished() && position >= part.Ends() {
			part.ended = true
			running--
			if p.over(part) {
				p.output.EndKind(part.Kind(), p.reason(part))
			}
		}
	}
	if running > 0 && p.awaited() {
		return false
	}
	p.endAll(p.reader.Broken())
	return true
}

// awaited reports whether somebody has read what still plays or, before anything has ended, may yet. What nobody has read ends
// with what somebody has: the clock stops without readers, so its own end would never come.
func (p *Player) awaited() bool {
	anEnd := false
	for _, part := range p.parts {
		if part.running && !part.ended && part.used {
			return true
		}
		anEnd = anEnd || part.ended && part.used
	}
	return !anEnd
}

// endAll ends the kinds that were not played too.
func (p *Player) endAll(reason error) {
	for _, part := range p.parts {
		if !part.ended {
			part.ended = true
			p.output.EndKind(part.Kind(), reason)
		}
	}
}

// reason is nil for an end as it should be.
func (p *Player) reason(part *part) error {
	if p.reader.Broken() != nil {
		return p.reader.Broken()
	}
	if lost := p.reader.Lost(part.Queue()); lost != nil {
		return p.reader.Container().Broken(lost)
	}
	if decoded, failure := part.Result(); decoded == 0 && failure != nil {
		return p.reader.Container().Broken(fmt.Errorf("no %v could be decoded: %w", part.Kind(), failure))
	}
	if lost := part.Lost(); lost != nil {
		return p.reader.Container().Broken(lost)
	}
	return nil
}

// over reports whether no other part of the kind goes on, for those who read this
// one or, where nobody does yet, for whoever comes.
func (p *Player) over(part *part) bool {
	for _, other := range p.parts {
		if other == part || other.Kind() != part.Kind() || !other.running || other.ended {
			continue
		}
		if other.Wanted() || !part.Wanted() {
			return false
		}
	}
	return true
}
