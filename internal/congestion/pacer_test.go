package congestion

import (
	"testing"
	"time"
)

const packetSize = 1000

// clock steps through time in milliseconds, and sends what is due.
type clock struct {
	now  time.Time
	sent []int
}

func (c *clock) run(p *Pacer[int], d time.Duration) (padding int) {
	for end := c.now.Add(d); c.now.Before(end); c.now = c.now.Add(time.Millisecond) {
		for {
			packet, ok, pad := p.Next(c.now)
			if !ok && !pad {
				break
			}
			p.Sent(packetSize, c.now)
			if ok {
				c.sent = append(c.sent, packet)
			} else {
				padding++
			}
		}
	}

	return padding
}

func TestALargeFrameIsSpreadOverTime(t *testing.T) {
	c := &clock{now: time.Unix(1, 0)}
	p := NewPacer[int](1_000_000)
	if !p.Ready(c.now) {
		t.Fatal("an idle pacer lets a packet wait")
	}
	for i := range 100 {
		if !p.Add(i, packetSize, Picture, c.now) {
			t.Fatalf("packet %d was refused", i)
		}
	}
	if p.Ready(c.now) {
		t.Fatal("a packet would overtake those that wait")
	}
	c.run(p, time.Millisecond)
	if n := len(c.sent); n < 10 || n > 15 {
		t.Fatalf("%d of 100 packets at once", n)
	}
	c.run(p, 400*time.Millisecond)
	if n := len(c.sent); n < 55 || n > 70 {
		t.Fatalf("%d packets of 8000 bits after 400 ms at 1 Mbit/s", n)
	}
	c.run(p, time.Second)
	for i, packet := range c.sent {
		if packet != i {
			t.Fatalf("packet %d in the place of %d", packet, i)
		}
	}
	if wait, ok := p.Wait(c.now); ok || len(c.sent) != 100 {
		t.Fatalf("%d packets, waits %v", len(c.sent), wait)
	}
}

func TestRepairsLeaveFirst(t *testing.T) {
	c := &clock{now: time.Unix(1, 0)}
	p := NewPacer[int](1_000_000)
	for i := range 20 {
		p.Add(i, packetSize, Picture, c.now)
	}
	p.Add(100, packetSize, Repair, c.now)
	c.run(p, time.Second)
	if c.sent[0] != 100 {
		t.Fatalf("%d first", c.sent[0])
	}
}

// However much left before, and however low the rate is since.
func TestPicturesDoNotWaitLongForWhatLeftBefore(t *testing.T) {
	for name, before := range map[string]func(c *clock, p *Pacer[int]){
		"of sound, of which there is more than the rate": func(c *clock, p *Pacer[int]) {
			for range 60 * 50 {
				p.Passed(200, c.now)
				c.now = c.now.Add(20 * time.Millisecond)
			}
		},
		"at a rate that fell": func(c *clock, p *Pacer[int]) {
			p.SetRate(50_000_000)
			for p.Ready(c.now) {
				p.Sent(packetSize, c.now)
			}
			p.SetRate(25_000)
		},
		"before anything was paced": func(c *clock, p *Pacer[int]) {
			for range 1000 {
				p.Sent(packetSize, c.now)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{now: time.Unix(1, 0)}
			p := NewPacer[int](25_000)
			before(c, p)
			p.Add(0, packetSize, Picture, c.now)
			c.run(p, mostDebt+time.Millisecond)
			if len(c.sent) != 1 {
				t.Errorf("it has not left after %v", mostDebt)
			}
		})
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	now := time.Unix(1, 0)
	p := NewPacer[int](100_000)
	added := 0
	for p.Add(0, packetSize, Picture, now) {
		added++
	}
	if most := int(2*MostWaiting.Seconds()*100_000/8/packetSize) + 1; added > most {
		t.Fatalf("%d packets wait, at most %d are to", added, most)
	}
	if p.Add(0, packetSize, Repair, now) {
		t.Fatal("a repair was taken that would be late")
	}
	p.Drop(func(int) bool { return true })
	if !p.Empty() || p.Waiting() != 0 {
		t.Fatalf("%v wait after all was dropped", p.Waiting())
	}
}

func TestAProbeIsSentAtItsRate(t *testing.T) {
	for name, waiting := range map[string]int{"of padding": 0, "of what waits": 1000} {
		t.Run(name, func(t *testing.T) {
			c := &clock{now: time.Unix(1, 0)}
			p := NewPacer[int](100_000)
			for i := range waiting {
				p.Add(i, packetSize, Picture, c.now)
			}
			p.Begin(Probe{ID: 7, Bitrate: 800_000, Packets: 5, Bytes: 4 * packetSize})
			if p.Ready(c.now) {
				t.Fatal("a packet would not be part of the probe")
			}
			padding := c.run(p, 39*time.Millisecond)
			if n := padding + len(c.sent); n != 4 || (padding == 0) != (waiting > 0) {
				t.Fatalf("%d packets, %d of them padding, in 39 ms at 100 a second", n, padding)
			}
			c.run(p, 2*time.Millisecond)
			if p.Probing() {
				t.Fatal("it goes on after its five packets")
			}
		})
	}
}
