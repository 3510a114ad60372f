package codec

import "time"

// Lengths of what is repeated, as ITU-T G.711 appendix I has them.
const (
	shortestPeriod = 5 * time.Millisecond
	longestPeriod  = 15 * time.Millisecond
	// fadeBegin is from when on what is repeated becomes softer, and fadeEnd when it is silent.
	fadeBegin = 10 * time.Millisecond
	fadeEnd   = 60 * time.Millisecond
	// joining is how long what is repeated goes on under what comes next.
	joining = 4 * time.Millisecond
)

// repetition stands for missing sound of one channel: the last period of what was heard, again and again, softer and
// softer. ITU-T G.711 appendix I does so, too.
type repetition struct {
	shortest, longest       int
	fadeBegin, fadeEnd, end int
	// past is the sound that came last, of two of the longest periods.
	past []int16
	// tail goes on under the sound that comes next.
	tail []int16
}

func newRepetition(rate int) *repetition {
	count := func(d time.Duration) int { return int(d * time.Duration(rate) / time.Second) }
	return &repetition{
		shortest: count(shortestPeriod), longest: count(longestPeriod),
		fadeBegin: count(fadeBegin), fadeEnd: count(fadeEnd), end: count(joining),
	}
}

// heard is told of sound that came, and joins it to what was repeated before.
func (r *repetition) heard(samples []int16) {
	for i := range min(len(r.tail), len(samples)) {
		n := len(r.tail)
		samples[i] = int16((int(samples[i])*i + int(r.tail[i])*(n-i)) / n) //nolint:gosec // between the two
	}
	r.tail = r.tail[:0]
	r.past = append(r.past, samples...)
	if most := 2 * r.longest; len(r.past) > most {
		r.past = append(r.past[:0], r.past[len(r.past)-most:]...)
	}
}

// fill adds count samples to sound.
func (r *repetition) fill(sound []int16, count int) []int16 {
	period := r.period()
	for i := range count + r.end {
		sample := 0
		if period > 0 && i < r.fadeEnd {
			sample = int(r.past[len(r.past)-period+i%period])
			if i > r.fadeBegin {
				sample = sample * (r.fadeEnd - i) / (r.fadeEnd - r.fadeBegin)
			}
		}
		sound = append(sound, int16(sample)) //nolint:gosec // no louder than it was
	}
	r.tail = append(r.tail[:0], sound[len(sound)-r.end:]...)
	return sound[:len(sound)-r.end]
}

// period is after how many samples the past is most like itself; 0 if too little has come.
func (r *repetition) period() int {
	if len(r.past) < 2*r.longest {
		return 0
	}
	best, period := 0.0, r.longest
	for candidate := r.shortest; candidate <= r.longest; candidate++ {
		var alike, energy float64
		for i := len(r.past) - r.longest; i < len(r.past); i++ {
			before := float64(r.past[i-candidate])
			alike += float64(r.past[i]) * before
			energy += before * before
		}
		if alike <= 0 || energy == 0 {
			continue
		}
		if score := alike * alike / energy; score > best*1.001 {
			best, period = score, candidate
		}
	}
	return period
}
