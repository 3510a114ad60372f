package codectest

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// speeches are kept: the address sanitizer makes them slow.
var speeches = struct {
	mu   sync.Mutex
	made map[[2]int][]int16
}{made: make(map[[2]int][]int16)}

// Speech is sound of one channel that is like somebody who speaks: four syllables a second of a voice whose pitch
// moves, in turn with a hiss, and short pauses.
func Speech(rate, count int) []int16 {
	speeches.mu.Lock()
	defer speeches.mu.Unlock()
	key := [2]int{rate, count}
	if speeches.made[key] == nil {
		speeches.made[key] = speech(rate, count)
	}
	return slices.Clone(speeches.made[key])
}

func speech(rate, count int) []int16 {
	random := rand.New(rand.NewPCG(5, 6))
	samples := make([]int16, count)
	var phase, hiss float64
	for i := range samples {
		at := float64(i) / float64(rate)
		syllable := math.Mod(at*4, 1)
		loud := math.Max(math.Sin(math.Pi*math.Min(syllable/0.8, 1)), 0)
		phase += (130 + 25*math.Sin(2*math.Pi*0.7*at)) / float64(rate)
		formant := 500 + 300*math.Sin(2*math.Pi*0.9*at)
		voice := 0.0
		for harmonic := 1.0; harmonic <= 24; harmonic++ {
			distance := (harmonic*140 - formant) / 250
			voice += math.Sin(2*math.Pi*phase*harmonic) * (1/(1+distance*distance) + 0.2/harmonic)
		}
		noise := random.Float64() - 0.5
		hiss, noise = noise, noise-hiss
		if int(at*4)%4 == 3 {
			voice = 2 * noise
		}
		samples[i] = int16(3000 * loud * voice)
	}
	return samples
}
