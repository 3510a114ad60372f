package congestion

import "time"

// Probe asks to send some packets faster than the estimate, to see whether the
// network takes it.
type Probe struct {
	// ID is never 0.
	ID int
	// Bitrate in bits a second, for at least so many packets and bytes.
	Bitrate        int
	Packets, Bytes int
}

// libwebrtc's numbers: ProbeController.
const (
	probeDuration = 15 * time.Millisecond
	probePackets  = 5
	// laterDuration is of probes that are not the first: what is known of the network
	// makes them less of a risk, and jitter spoils a short one.
	laterDuration = 40 * time.Millisecond
	// The first are at these multiples of the bitrate to begin with, more at
	// furtherProbe of what was measured.
	firstProbe, secondProbe = 3, 6
	furtherProbe            = 2
	// leastProbe in bits a second: five packets take too long else to say anything.
	leastProbe = 200_000
	// probeAnswer is how long the answer to a probe is waited for.
	probeAnswer = time.Second
	// mostRepeated is how often a probe of which too much was lost is repeated.
	mostRepeated = 3
)

const (
	// probePause is between probes while less is sent than could be. libwebrtc probes
	// so only while an encoder sends less than it may, and is slow to come back after
	// a limit.
	probePause = 4 * time.Second
	// calm is for how long no queue may have grown.
	calm = 2 * time.Second
	// goodProbe of what was sent before has to be measured for another probe: a link
	// that is full gives 1.2. libwebrtc takes 0.7 of what was tried, which a probe that
	// loses two of its packets to chance does not reach.
	goodProbe = 1.3
	// wantedMargin of what is wanted is worth to know of.
	wantedMargin = 1.5
)

// prober decides what is probed, and when.
type prober struct {
	last    int
	planned []Probe
	begun   bool
	// tried is the bitrate of a probe whose answer is waited for, 0 is none; from is
	// what was sent before.
	tried, from float64
	pause       time.Duration
	at          time.Time
	wanted      float64
	reduced     time.Time
	// unanswered counts the probes in a row that said nothing.
	unanswered int
}

// due tells of a probe that is to be sent. target is what is sent at the most,
// wanted what could be used.
func (p *prober) due(target, wanted float64, now time.Time) (Probe, bool) {
	if len(p.planned) == 0 {
		p.plan(target, wanted, now)
	}
	if len(p.planned) == 0 {
		return Probe{}, false
	}
	next := p.planned[0]
	p.planned = p.planned[1:]
	p.at, p.tried, p.wanted, p.from = now, float64(next.Bitrate), wanted, target

	return next, true
}

func (p *prober) plan(target, wanted float64, now time.Time) {
	if target >= wanted {
		return
	}
	most := wantedMargin * wanted
	if !p.begun {
		p.begun, p.pause = true, probePause
		p.add(min(firstProbe*target, most), probeDuration)
		if firstProbe*target < most {
			p.add(min(secondProbe*target, most), probeDuration)
		}

		return
	}
	since := now.Sub(p.at)
	if p.tried > 0 && since > probeAnswer {
		// Too much of it was lost to say anything: it is tried again.
		p.tried = 0
		p.unanswered++
		if p.unanswered <= mostRepeated {
			p.add(min(furtherProbe*target, most), laterDuration)

			return
		}
	}
	more := wanted > wantedMargin*p.wanted && since > probeAnswer
	if !more && since < p.pause || now.Sub(p.reduced) < calm {
		return
	}
	p.add(min(furtherProbe*target, most), laterDuration)
}

func (p *prober) add(bitrate float64, duration time.Duration) {
	bitrate = max(bitrate, leastProbe)
	p.last++
	bytes := int(bitrate / 8 * duration.Seconds())
	p.planned = append(p.planned, Probe{ID: p.last, Bitrate: int(bitrate), Packets: probePackets, Bytes: bytes})
}

// measured goes on from what a probe has shown; target is what is sent by now.
func (p *prober) measured(bitrate, target, wanted float64) {
	tried := p.tried
	p.tried, p.unanswered = 0, 0
	switch {
	case tried == 0:
	case bitrate < goodProbe*p.from:
		p.planned, p.pause = nil, probePause
	default:
		p.pause = probePause
		if len(p.planned) == 0 && target < wanted {
			p.add(min(furtherProbe*bitrate, wantedMargin*wanted), laterDuration)
		}
	}
}

// fell is told when the estimate does. A machine that was held up makes it fall as
// a network does: it is seen sooner whether it has to stay.
func (p *prober) fell(from, to float64, now time.Time) {
	const largeFall = 0.66
	p.reduced = now
	if to < largeFall*from {
		p.pause = calm
	}
}

// probed measures the packets of a probe as they arrive (libwebrtc's
// ProbeBitrateEstimator).
type probed struct {
	probe                     Probe
	packets, bytes            int
	firstSent, lastSent       time.Time
	firstArrived, lastArrived time.Duration
	firstSize, lastSize       int
}

const (
	// enough of a probe has to arrive.
	enough = 0.8
	// fasterThanSent is no measurement.
	fasterThanSent = 2
	// saturated is where less arrives than was sent; slightly less leaves room for
	// the queue to drain.
	saturated, slightlyLess = 0.9, 0.95
)

func (m *probed) add(p PacketResult) {
	if m.packets == 0 || p.Sent.Before(m.firstSent) {
		m.firstSent = p.Sent
	}
	if m.packets == 0 || p.Arrived < m.firstArrived {
		m.firstArrived, m.firstSize = p.Arrived, p.Size
	}
	if m.packets == 0 || p.Sent.After(m.lastSent) {
		m.lastSent, m.lastSize = p.Sent, p.Size
	}
	m.lastArrived = max(m.lastArrived, p.Arrived)
	m.packets++
	m.bytes += p.Size
}

// bitrate is what the network has shown to carry.
func (m *probed) bitrate() (float64, bool) {
	if float64(m.packets) < enough*float64(m.probe.Packets) || float64(m.bytes) < enough*float64(m.probe.Bytes) {
		return 0, false
	}
	sent, arrived := m.lastSent.Sub(m.firstSent), m.lastArrived-m.firstArrived
	if sent <= 0 || arrived <= 0 || sent > time.Second || arrived > time.Second {
		return 0, false
	}
	out := float64(m.bytes-m.lastSize) * 8 / sent.Seconds()
	in := float64(m.bytes-m.firstSize) * 8 / arrived.Seconds()
	switch {
	case in > fasterThanSent*out:
		return 0, false
	case in < saturated*out:
		return slightlyLess * in, true
	default:
		return min(in, out), true
	}
}
