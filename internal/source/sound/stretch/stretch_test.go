package stretch

import (
	"math"
	"testing"
)

// tone makes interleaved samples of some frequencies, in Hz, from the given sample on.
func tone(from, count, channels int, frequencies ...float64) []int16 {
	samples := make([]int16, 0, count*channels)
	for i := range count {
		sum := 0.0
		for _, f := range frequencies {
			sum += math.Sin(2 * math.Pi * f * float64(from+i) / rate)
		}
		for c := range channels {
			samples = append(samples, int16(8000*sum/float64(len(frequencies))/float64(c+1)))
		}
	}
	return samples
}

// stretched runs a second and a half of pieces through a Stretcher that owes so many samples.
func stretched(t *testing.T, owed, piece, channels int, frequencies ...float64) []int16 {
	t.Helper()
	s := New(channels)
	var out []int16
	for at := 0; at+piece <= rate*3/2; at += piece {
		in := tone(at, piece, channels, frequencies...)
		got := s.Toward(in, owed)
		if len(got)%channels != 0 {
			t.Fatalf("%d samples of %d channels", len(got), channels)
		}
		change := (len(got) - len(in)) / channels
		if change != 0 && (change > 0) != (owed > 0) || max(change, -change) > max(owed, -owed) {
			t.Fatalf("changed by %d of %d", change, owed)
		}
		owed -= change
		out = append(out, got...)
	}
	// In short pieces long periods are seldom found.
	if piece >= rate/50 && max(owed, -owed) >= longest+shortest {
		t.Errorf("%d samples are still owed", owed)
	}
	return out
}

func TestSoundKeepsItsPitchAndItsSteadiness(t *testing.T) {
	for _, owed := range []int{4800, -4800, 960, -960, 9600, -9600} {
		for _, piece := range []int{960, 1024, 1152, 576} {
			for channels, frequencies := range map[int][]float64{1: {440}, 2: {200, 400, 600}, 6: {150, 1000}} {
				out := stretched(t, owed, piece, channels, frequencies...)
				// A click would be a step that these tones do not have.
				steepest := 0.0
				for _, f := range frequencies {
					steepest += 8000 * 2 * math.Pi * f / rate / float64(len(frequencies))
				}
				for i := channels; i < len(out); i += channels {
					if step := math.Abs(float64(out[i]) - float64(out[i-channels])); step > 1.6*steepest+2 {
						t.Fatalf("owed %d, pieces of %d, %v: a step of %v at %d, steepest %v", owed, piece, frequencies, step, i/channels, steepest)
					}
				}
				// As many waves a second as before.
				crossings := 0
				for i := channels; i < len(out); i += channels {
					if out[i-channels] < 0 && out[i] >= 0 {
						crossings++
					}
				}
				if len(frequencies) == 1 {
					hz := float64(crossings) * rate / float64(len(out)/channels)
					if math.Abs(hz-frequencies[0]) > 5 {
						t.Errorf("owed %d, pieces of %d: %.1f Hz, want %v", owed, piece, hz, frequencies[0])
					}
				}
			}
		}
	}
}

func TestSilenceAndNoiseAreStretchedToo(t *testing.T) {
	s := New(1)
	if got := s.Toward(make([]int16, 960), -480); len(got) != 480 {
		t.Errorf("silence of 960 samples became %d", len(got))
	}
	seed, owed := uint32(1), -2400
	for range 100 {
		noise := make([]int16, 960)
		for i := range noise {
			seed = seed*1664525 + 1013904223
			noise[i] = int16(seed >> 18)
		}
		owed += len(noise) - len(s.Toward(noise, owed))
	}
	if owed < -shortest {
		t.Errorf("%d samples of noise are still owed", owed)
	}
}

func TestWhatIsTooShortStaysAsItIs(t *testing.T) {
	s := New(2)
	for _, count := range []int{0, 1, 2*shortest - 1} {
		if got := s.Toward(make([]int16, 2*count), 4800); len(got) != 2*count {
			t.Errorf("%d samples became %d", count, len(got)/2)
		}
	}
	if got := s.Toward(make([]int16, 1920), shortest-1); len(got) != 1920 {
		t.Error("less than a period was owed")
	}
}
