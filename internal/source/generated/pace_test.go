package generated

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/frames"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// paced counts what is delivered.
type paced struct {
	heard
	pieces, silent int
	gaps           int
	last           time.Duration
}

func (p *paced) DeliverAudio(piece *media.AudioFrame) {
	if p.pieces > 0 && piece.PTS-p.last != sound.PieceDuration {
		p.gaps++
	}
	p.pieces++
	p.last = piece.PTS
	for _, sample := range piece.Samples {
		if sample != 0 {
			return
		}
	}
	p.silent++
}

// inTenMinutes runs a generator for ten minutes of made-up time, while write is called.
func inTenMinutes(t *testing.T, write func(ctx context.Context, a *Audio)) *paced {
	t.Helper()
	out := &paced{}
	synctest.Test(t, func(t *testing.T) {
		a := NewAudio(Told{})
		a.DeliverTo(out)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		go a.Run(ctx, nil)
		write(ctx, a)
		<-ctx.Done()
		synctest.Wait()
		a.Close()
	})
	return out
}

func (p *paced) check(t *testing.T) {
	t.Helper()
	if want := int(10 * time.Minute / sound.PieceDuration); p.pieces < want || p.pieces > want+1 {
		t.Errorf("%d pieces in ten minutes, expected %d", p.pieces, want)
	}
	if p.gaps > 0 {
		t.Errorf("%d gaps", p.gaps)
	}
}

func TestSilenceIsAsLongAsTheTimeThatPasses(t *testing.T) {
	out := inTenMinutes(t, func(context.Context, *Audio) {})
	out.check(t)
	if out.silent != out.pieces {
		t.Errorf("%d of %d pieces are silent", out.silent, out.pieces)
	}
}

func TestAnAppThatIsLateIsHeardAgainInStep(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	written, pauses := 0, 0
	// Whole periods, again and again.
	one := format{frames.S16, 16000, 1}.tone(400, 0, 160)
	out := inTenMinutes(t, func(ctx context.Context, a *Audio) {
		for ctx.Err() == nil {
			// 10 ms every 10 ms, with a stop now and then.
			time.Sleep(10 * time.Millisecond)
			if random.IntN(200) == 0 {
				pauses++
				time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond)
			}
			if err := a.Write(one); err != nil {
				t.Error(err)
			}
			written++
		}
	})
	out.check(t)
	// A pause is filled up to a whole piece, and may be met at either end.
	heard, least := out.pieces-out.silent, written/2
	if heard < least-10 || heard > least+3*pauses {
		t.Errorf("%d pieces are heard of %d that were written, with %d pauses", heard, least, pauses)
	}
}

func TestAnAppThatWritesWhatMayWaitIsHeardWithoutSilence(t *testing.T) {
	one := format{frames.F32, 44100, 2}.tone(440, 0, 4410)
	start := 0
	out := inTenMinutes(t, func(ctx context.Context, a *Audio) {
		for ctx.Err() == nil {
			err := a.Write(one)
			if errors.Is(err, ErrFull) {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			start += 4410
		}
	})
	out.check(t)
	if out.silent > 1 {
		t.Errorf("%d silent pieces", out.silent)
	}
	// What was not heard yet waits: neither grows nor shrinks.
	if waits := time.Duration(start)*time.Second/44100 - 10*time.Minute; waits < 800*time.Millisecond || waits > 1200*time.Millisecond {
		t.Errorf("%v wait", waits)
	}
}
