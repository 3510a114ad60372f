package generated

import (
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// app writes a tone or silence to a generator, which plays a beat after each step.
type app struct {
	*testing.T
	*Audio
	*heard

	hz            float64
	rate, written int
	beat          int
}

func newApp(t *testing.T, hz float64, rate int) *app {
	t.Helper()
	a := &app{T: t, Audio: NewAudio(Told{}), heard: &heard{}, hz: hz, rate: rate}
	a.DeliverTo(a.heard)
	t.Cleanup(a.Audio.Close)
	return a
}

func (a *app) write(d time.Duration) {
	a.Helper()
	count := int(d.Seconds() * float64(a.rate))
	f := soundFrame(a.hz, a.rate, a.written, count)
	defer f.Release()
	a.written += count
	if err := a.Audio.Write(f); err != nil {
		a.Fatal(err)
	}
}

func (a *app) play(beats int) {
	for range beats {
		a.Audio.play(time.Duration(a.beat) * sound.PieceDuration)
		a.beat++
	}
}

// live writes as time goes by, in chunks.
func (a *app) live(d, chunk time.Duration) {
	a.Helper()
	for at := time.Duration(0); at < d; at += chunk {
		a.write(chunk)
		a.play(int(chunk / sound.PieceDuration))
	}
}

func TestAnAppThatWasLateIsNotLateForEver(t *testing.T) {
	for name, one := range map[string]struct {
		hz          float64
		rate        int
		chunk, late time.Duration
	}{
		"silence":            {0, 48000, 20 * time.Millisecond, 300 * time.Millisecond},
		"tone":               {440, 48000, 20 * time.Millisecond, 300 * time.Millisecond},
		"short":              {200, 48000, 20 * time.Millisecond, 80 * time.Millisecond},
		"another rate":       {440, 16000, 20 * time.Millisecond, 300 * time.Millisecond},
		"longer than a beat": {440, 16000, 60 * time.Millisecond, 240 * time.Millisecond},
		"almost too long":    {440, 48000, 20 * time.Millisecond, 480 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, one.hz, one.rate)
			a.live(600*time.Millisecond, one.chunk)
			a.play(int(one.late / sound.PieceDuration))
			for at := time.Duration(0); at < one.late; at += one.chunk {
				a.write(one.chunk)
			}
			if a.Queued() < one.late-20*time.Millisecond {
				t.Fatalf("%v wait", a.Queued())
			}
			a.heard.samples = nil
			a.live(3*time.Second, one.chunk)
			if most := reserve + one.chunk + 5*time.Millisecond; a.Queued() > most {
				t.Errorf("%v still wait", a.Queued())
			}
			if share := codectest.ToneShare(a.heard.samples, sound.Rate, 1, one.hz); one.hz > 0 && share < 0.9 {
				t.Errorf("share of the tone: %v", share)
			}
		})
	}
}

func TestWhatIsWrittenAheadIsNotShortened(t *testing.T) {
	for name, before := range map[string]func(a *app){
		"at once":        func(*app) {},
		"before it":      func(a *app) { a.write(400 * time.Millisecond); a.play(25) },
		"a long silence": func(a *app) { a.live(200*time.Millisecond, 20*time.Millisecond); a.play(40) },
		"cleared":        func(a *app) { a.live(200*time.Millisecond, 20*time.Millisecond); a.play(10); a.Clear() },
		"nobody was late": func(a *app) {
			a.live(400*time.Millisecond, 20*time.Millisecond)
		},
		"it never came": func(a *app) {
			a.live(200*time.Millisecond, 20*time.Millisecond)
			a.play(10)
			a.live(6*time.Second, 20*time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, 440, 48000)
			before(a)
			queued := a.Queued()
			for range 40 {
				a.write(20 * time.Millisecond)
			}
			played := 0
			for ; a.Queued() > 0; played++ {
				a.play(1)
			}
			if want := int((800*time.Millisecond + queued) / sound.PieceDuration); played != want {
				t.Errorf("it played for %d pieces, not %d", played, want)
			}
		})
	}
}
