package congestion

import "time"

// Bounds of a group of packets (draft section 5.2; libwebrtc's InterArrivalDelta).
const (
	groupLength = 5 * time.Millisecond
	burstLength = 100 * time.Millisecond
	// reorderedLimit groups that arrive before the one sent earlier begin anew.
	reorderedLimit = 3
	// clockJump is no time that packets take.
	clockJump = 3 * time.Second
)

// groups joins packets that were sent together: what is between them on arrival
// says nothing of a queue.
type groups struct {
	current, before group
	reordered       int
}

type group struct {
	size                          int
	firstSent, lastSent           time.Time
	firstArrived, completeArrival time.Duration
}

func (g *group) empty() bool { return g.size == 0 }

// interval is between two groups: how long passed between sending them, and
// between their arrivals.
type interval struct{ sent, arrived time.Duration }

// add takes a packet, in the order of sending. It tells the interval between the
// last two groups once the later one is complete.
func (g *groups) add(p PacketResult) (interval, bool) {
	switch {
	case g.current.empty():
		g.current = newGroup(p)

		return interval{}, false
	case p.Sent.Before(g.current.firstSent):
		return interval{}, false
	case !g.starts(p):
		g.current.add(p)

		return interval{}, false
	}
	between, ok := g.between()
	g.before, g.current = g.current, newGroup(p)
	if g.reordered >= reorderedLimit || between.arrived-between.sent > clockJump {
		*g = groups{}

		return interval{}, false
	}

	return between, ok
}

func (g *groups) between() (interval, bool) {
	if g.before.empty() {
		return interval{}, false
	}
	between := interval{
		sent:    g.current.lastSent.Sub(g.before.lastSent),
		arrived: g.current.completeArrival - g.before.completeArrival,
	}
	if between.arrived < 0 {
		g.reordered++

		return interval{}, false
	}
	g.reordered = 0

	return between, true
}

// starts tells whether p belongs to the next group.
func (g *groups) starts(p PacketResult) bool {
	c := &g.current
	arrived := p.Arrived - c.completeArrival
	sent := p.Sent.Sub(c.lastSent)
	if sent == 0 {
		return false
	}
	// What comes faster than it was sent waited together.
	if arrived-sent < 0 && arrived <= groupLength && p.Arrived-c.firstArrived < burstLength {
		return false
	}

	return p.Sent.Sub(c.firstSent) > groupLength
}

func newGroup(p PacketResult) group {
	return group{
		size: p.Size, firstSent: p.Sent, lastSent: p.Sent,
		firstArrived: p.Arrived, completeArrival: p.Arrived,
	}
}

func (g *group) add(p PacketResult) {
	g.size += p.Size
	g.lastSent = p.Sent
	g.completeArrival = max(g.completeArrival, p.Arrived)
}
