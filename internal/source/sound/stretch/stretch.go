// Package stretch makes sound a little longer or shorter at the same pitch: it
// repeats or leaves out single periods, each faded into what follows.
package stretch

import "math"

// rate is that of all sound here, in Hz.
const rate = 48000

const (
	// shortest and longest are the periods that are looked for, in samples: 400 to 80 Hz.
	shortest = rate / 400
	longest  = rate / 80
	// coarse is how many samples one looks past while comparing.
	coarse = 4
	// alike is how much two periods have to be so, from -1 to 1; patience is how much
	// less will do with each piece that had none.
	alike    = 0.9
	patience = 0.1
)

// Stretcher is for one stream of sound.
type Stretcher struct {
	channels int
	waited   int
	mono     []float64
	out      []int16
}

// New makes one for interleaved samples of so many channels.
func New(channels int) *Stretcher { return &Stretcher{channels: channels} }

// Toward gives samples with one period more where owed is positive, or less where it is
// negative: at most as many as owed says, in samples of a channel. Where no period fits,
// they come as they are. The result is lent until the next call.
func (s *Stretcher) Toward(samples []int16, owed int) []int16 {
	count := len(samples) / s.channels
	most := min(longest, count/2, max(owed, -owed))
	if most < shortest {
		return samples
	}
	period, likeness := s.period(samples, count, most)
	if likeness < alike-patience*float64(s.waited) {
		s.waited++
		return samples
	}
	s.waited = 0
	length := period * s.channels
	first, second := samples[:length], samples[length:2*length]
	s.out = s.out[:0]
	if owed > 0 {
		s.out = append(s.out, first...)
		s.fade(second, first)
		s.out = append(s.out, samples[length:]...)
	} else {
		s.fade(first, second)
		s.out = append(s.out, samples[2*length:]...)
	}
	return s.out
}

// period is the length of the two stretches at the beginning that are most alike.
func (s *Stretcher) period(samples []int16, count, most int) (period int, likeness float64) {
	s.mono = s.mono[:0]
	for i := range count {
		sum := 0
		for _, sample := range samples[i*s.channels : (i+1)*s.channels] {
			sum += int(sample)
		}
		s.mono = append(s.mono, float64(sum))
	}
	// Silence is like silence.
	period, likeness = most, -1
	for lag := shortest; lag <= most; lag++ {
		product, one, other := 0.0, 0.0, 0.0
		for i := 0; i < count-most; i += coarse {
			a, b := s.mono[i], s.mono[i+lag]
			product += a * b
			one += a * a
			other += b * b
		}
		if one == 0 && other == 0 {
			return most, 1
		}
		if l := product / math.Sqrt(max(one*other, 1)); l > likeness {
			period, likeness = lag, l
		}
	}
	return period, likeness
}

// fade appends what begins as from and ends as to.
func (s *Stretcher) fade(from, to []int16) {
	for i := range from {
		weight := float64(i/s.channels) / float64(len(from)/s.channels)
		s.out = append(s.out, int16(math.Round(float64(from[i])*(1-weight)+float64(to[i])*weight)))
	}
}
