package congestion

import (
	"testing"
	"time"
)

const kilobit = 1000.0

// within fails unless the bitrate is between two bounds, in kbit/s.
func (l *link) within(t *testing.T, what string, least, most float64) {
	t.Helper()
	if got := l.bitrate() / kilobit; got < least || got > most {
		t.Errorf("%s: %.0f kbit/s after %v, expected %.0f to %.0f", what, got, l.now.Sub(l.began), least, most)
	}
}

func TestEstimateFollowsALimitAndComesBack(t *testing.T) {
	for name, change := range map[string]func(*link){
		"a short way":      func(*link) {},
		"a long way":       func(l *link) { l.delay = 150 * time.Millisecond },
		"a long queue":     func(l *link) { l.queue = time.Second },
		"a short queue":    func(l *link) { l.queue = 50 * time.Millisecond },
		"5% of loss":       func(l *link) { l.loss = 0.05 },
		"jitter of 10 ms":  func(l *link) { l.jitter = 10 * time.Millisecond },
		"jitter of 5 ms":   func(l *link) { l.jitter = 5 * time.Millisecond },
		"reordered by 2 %": func(l *link) { l.reorder = 0.02 },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLink(10_000*kilobit, 2000*kilobit)
			change(l)
			l.run(5 * time.Second)
			l.within(t, "unlimited", 1800, 20_000)
			l.capacity = 500 * kilobit
			l.run(3 * time.Second)
			l.within(t, "limited", 150, 700)
			l.lost, l.sentPackets = 0, 0
			sum := 0.0
			for range 20 {
				l.run(time.Second)
				sum += l.bitrate() / kilobit
			}
			if average := sum / 20; average < 300 || average > 530 {
				t.Errorf("%.0f kbit/s on average, where there are 500", average)
			}
			// What a queue of 50 ms can't hold is lost before it is noticed.
			if share := float64(l.lost) / float64(l.sentPackets); share > l.loss+0.06 {
				t.Errorf("%.1f%% of the packets are lost", share*100)
			}
			l.capacity = 10_000 * kilobit
			l.run(12 * time.Second)
			l.within(t, "unlimited again", 1800, 20_000)
		})
	}
}

func TestRandomLossOfAFewPercentIsNoCongestion(t *testing.T) {
	l := newLink(10_000*kilobit, 2000*kilobit)
	l.loss = 0.05
	l.run(10 * time.Second)
	l.within(t, "5% of loss", 1800, 20_000)
	l.run(60 * time.Second)
	l.within(t, "5% of loss for a minute", 1800, 20_000)
}

func TestFeedbackThatIsLostIsNoLossOfPackets(t *testing.T) {
	l := newLink(10_000*kilobit, 2000*kilobit)
	l.run(5 * time.Second)
	l.unheard = 0.1
	for range 60 {
		l.run(time.Second)
		l.within(t, "10% of the feedback lost", 1800, 20_000)
	}
	l.unheard = 1
	l.run(3 * time.Second)
	l.unheard = 0
	l.run(300 * time.Millisecond)
	l.within(t, "after 3 s without feedback", 1800, 20_000)
}

func TestMuchLossIsCongestion(t *testing.T) {
	l := newLink(10_000*kilobit, 2000*kilobit)
	l.run(3 * time.Second)
	l.loss = 0.3
	l.run(10 * time.Second)
	l.within(t, "30% of loss", 10, 700)
	l.loss = 0
	l.run(20 * time.Second)
	l.within(t, "no loss any more", 1800, 20_000)
}

func TestItComesBackFromAnOutage(t *testing.T) {
	l := newLink(10_000*kilobit, 2000*kilobit)
	l.run(3 * time.Second)
	l.loss = 0.9
	l.run(20 * time.Second)
	l.loss = 0
	l.run(20 * time.Second)
	l.within(t, "after an outage", 1800, 20_000)
}

func TestProbesAfterAnOutageBringItBackWhereTheyFillTheWay(t *testing.T) {
	l := newLink(3000*kilobit, 2400*kilobit)
	l.run(20 * time.Second)
	l.loss = 1
	l.run(10 * time.Second)
	l.loss = 0
	l.run(5 * time.Second)
	for range 20 {
		l.run(time.Second)
		l.within(t, "after an outage", 1800, 6000)
	}
}

func TestVideoThatBeginsAfterSoundIsNotHeldToTheRateOfSound(t *testing.T) {
	l := newLink(1125*kilobit, 40*kilobit)
	l.delay = 150 * time.Millisecond
	l.run(30 * time.Second)
	l.highest = 900 * kilobit
	low := time.Duration(0)
	const step = 100 * time.Millisecond
	for range 100 {
		l.run(step)
		if l.bitrate() < 600*kilobit {
			low += step
		}
	}
	if low > time.Second {
		t.Errorf("below 600 kbit/s for %v, where there are 1125", low)
	}
}

func TestNothingIsProbedBeyondWhatIsWanted(t *testing.T) {
	l := newLink(10_000*kilobit, 100*kilobit)
	l.run(10 * time.Second)
	if l.probes != 0 {
		t.Errorf("%d probes, while 100 kbit/s are wanted", l.probes)
	}
	l.highest = 2000 * kilobit
	l.run(2 * time.Second)
	l.within(t, "more is wanted", 1800, 20_000)
}

func TestARemoteEstimateLimits(t *testing.T) {
	e, now := NewEstimator(0), time.Unix(1, 0)
	if bitrate, known := e.Bitrate(now); bitrate != StartBitrate || !known {
		t.Fatalf("begins with %d, %v", bitrate, known)
	}
	e.Remote(300 * kilobit)
	if bitrate, _ := e.Bitrate(now); bitrate != 300_000 {
		t.Fatalf("%d with a remote estimate of 300 kbit/s", bitrate)
	}
	e.Remote(3000 * kilobit)
	if bitrate, _ := e.Bitrate(now); bitrate != 3_000_000 {
		t.Fatalf("%d with a remote estimate of 3 Mbit/s", bitrate)
	}
	e.Lost(0.5, 0, now)
	if bitrate, _ := e.Bitrate(now); bitrate > 2_300_000 {
		t.Fatalf("%d with half of the packets lost", bitrate)
	}
}

func TestASilentServerSaysNothing(t *testing.T) {
	e, now := NewEstimator(0), time.Unix(1, 0)
	e.Sent(1000, 0, now)
	if _, known := e.Bitrate(now.Add(firstAnswerLimit)); !known {
		t.Error("unknown before the limit")
	}
	if _, known := e.Bitrate(now.Add(2 * firstAnswerLimit)); known {
		t.Error("known of a server that tells nothing")
	}
}

func TestFeedbackThatMakesNoSenseDoesNoHarm(t *testing.T) {
	l := newLink(10_000*kilobit, 2000*kilobit)
	l.run(3 * time.Second)
	before := l.bitrate()
	packets := make([]Arrival, 65_535)
	for i := range packets {
		packets[i] = Arrival{Received: i%2 == 0, Arrived: time.Duration(i) * time.Hour}
	}
	for _, base := range []uint16{0, l.sent, l.sent - 30, l.sent + 1000, 65_535} {
		l.estimator.Feedback(&Feedback{Base: base, Packets: packets}, l.now)
		l.estimator.Feedback(&Feedback{Base: base}, l.now)
	}
	l.run(20 * time.Second)
	if after := l.bitrate(); after < before/2 {
		t.Errorf("%.0f bit/s before, %.0f after", before, after)
	}
}
