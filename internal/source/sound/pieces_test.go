package sound

import (
	"math"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound/stretch"
)

// samples of one channel, all of a value.
func samples(d time.Duration, value int16) []int16 {
	s := make([]int16, samplesIn(d))
	for i := range s {
		s[i] = value
	}
	return s
}

const ms = time.Millisecond

func TestPiecesAreCutAtTheRightPositions(t *testing.T) {
	p := Pieces{channels: 1}
	p.Add(samples(50*ms, 1), 0, 0)
	p.Add(samples(30*ms, 2), av.NoTime, 0)
	if len(p.ready) != 4 {
		t.Fatalf("%d pieces of 80 ms", len(p.ready))
	}
	for i, piece := range p.ready {
		if piece.PTS != time.Duration(i)*20*ms || len(piece.Samples) != pieceSamples {
			t.Errorf("piece %d: %v, %d samples", i, piece.PTS, len(piece.Samples))
		}
	}
	if piece := p.ready[2]; piece.Samples[479] != 1 || piece.Samples[480] != 2 {
		t.Error("samples lie in the wrong place")
	}
}

func TestGapsAreFilledAndOverlapsCut(t *testing.T) {
	for name, test := range map[string]struct {
		start, end time.Duration
	}{
		"a small step is left":        {start: 50 * ms, end: 60 * ms},
		"a small step back is left":   {start: 30 * ms, end: 60 * ms},
		"a gap is filled":             {start: 140 * ms, end: 160 * ms},
		"an overlap is cut":           {start: 15 * ms, end: 40 * ms},
		"a long gap stays open":       {start: 15 * time.Second, end: 15*time.Second + 20*ms},
		"a jump back gives no sound":  {start: -time.Hour, end: 40 * ms},
		"a far jump gives no silence": {start: 1000 * time.Hour, end: 1000*time.Hour + 20*ms},
	} {
		p := Pieces{channels: 1}
		p.Add(samples(40*ms, 1), 0, 0)
		p.Add(samples(20*ms, 2), test.start, 0)
		if got := p.End(); got != test.end {
			t.Errorf("%s: ends at %v, want %v", name, got, test.end)
		}
		if len(p.ready) > 20 {
			t.Errorf("%s: %d pieces", name, len(p.ready))
		}
	}
}

func TestSoundFromBeforeTheStartIsLeftOut(t *testing.T) {
	p := Pieces{channels: 1}
	p.Add(samples(100*ms, 1), 950*ms, time.Second)
	if p.End() != 1050*ms || len(p.ready) != 2 || p.ready[0].PTS != time.Second {
		t.Errorf("ends at %v, %d pieces", p.End(), len(p.ready))
	}
}

func TestTheLastPieceIsFilledWithSilence(t *testing.T) {
	p := Pieces{channels: 2}
	p.Complete()
	p.Add(append(samples(5*ms, 1), samples(5*ms, 1)...), 0, 0)
	p.Complete()
	p.Complete()
	if len(p.ready) != 1 || len(p.ready[0].Samples) != 2*pieceSamples {
		t.Fatalf("%d pieces", len(p.ready))
	}
	if p.ready[0].Samples[479] != 1 || p.ready[0].Samples[480] != 0 {
		t.Error("silence lies in the wrong place")
	}
}

// A live source that plays later for a while, and earlier again, at a tenth of its pace.
func TestSoundIsStretchedToTimesThatDrift(t *testing.T) {
	const chunk = 20 * ms
	p := Pieces{channels: 1, stretcher: stretch.New(1)}
	drift, seconds := time.Duration(0), 0.0
	for i := range 400 {
		switch {
		case i >= 50 && i < 150:
			drift += 2 * ms
		case i >= 250 && i < 350:
			drift -= 2 * ms
		}
		tone := make([]int16, samplesIn(chunk))
		for n := range tone {
			tone[n] = int16(8000 * math.Sin(2*math.Pi*440*seconds))
			seconds += 1.0 / Rate
		}
		start := time.Duration(i)*chunk + drift
		p.Add(tone, start, 0)
		if off := p.End() - start - chunk; off > Slack || off < -Slack {
			t.Fatalf("after %v sound is %v off", start, off)
		}
	}
	last := p.ready[0].Samples[0]
	for i, piece := range p.ready {
		for _, sample := range piece.Samples {
			if step := int(sample) - int(last); step > 800 || step < -800 {
				t.Fatalf("piece %d: a step of %d", i, step)
			}
			last = sample
		}
	}
}

func TestPiecesOfOtherChannelsAreNotUsedAgain(t *testing.T) {
	p := New(1)
	p.Add(samples(20*ms, 1), 0, 0)
	p.SetChannels(2)
	p.Recycle(p.Take())
	p.Add(samples(80*ms, 2), av.NoTime, 0)
	if p.Waiting() != 2 {
		t.Fatalf("%d pieces", p.Waiting())
	}
	for p.Waiting() > 0 {
		if piece := p.Take(); piece.Channels != 2 || len(piece.Samples) != 2*pieceSamples {
			t.Errorf("%d channels, %d samples", piece.Channels, len(piece.Samples))
		}
	}
}
