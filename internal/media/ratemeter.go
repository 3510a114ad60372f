package media

import "time"

// RateMeter tells how many events, or bytes, the last second had. The zero value is ready.
type RateMeter struct {
	begin         time.Time
	count, before int
}

// Add counts an event.
func (r *RateMeter) Add(now time.Time) { r.AddMany(1, now) }

// AddMany counts several.
func (r *RateMeter) AddMany(count int, now time.Time) {
	r.turn(now)
	r.count += count
}

// PerSecond tells it.
func (r *RateMeter) PerSecond(now time.Time) float64 {
	r.turn(now)
	// The share of the second before that is still in view.
	rest := 1 - now.Sub(r.begin).Seconds()
	return float64(r.count) + float64(r.before)*rest
}

func (r *RateMeter) turn(now time.Time) {
	switch passed := now.Sub(r.begin); {
	case passed < time.Second:
	case passed < 2*time.Second:
		r.begin = r.begin.Add(time.Second)
		r.before, r.count = r.count, 0
	default:
		r.begin = now
		r.before, r.count = 0, 0
	}
}
