package av

import (
	"math"
	"time"

	"github.com/asticode/go-astiav"
)

// NoTime stands for a time that isn't known.
const NoTime = time.Duration(math.MinInt64)

// noPTS is AV_NOPTS_VALUE.
const noPTS = math.MinInt64

// toDuration converts ticks of base, which may be noPTS.
func toDuration(ticks int64, base astiav.Rational) time.Duration {
	num, den := int64(base.Num()), int64(base.Den())
	if ticks == noPTS || num <= 0 || den <= 0 ||
		ticks > math.MaxInt64/num || ticks < math.MinInt64/num {
		return NoTime
	}
	ticks *= num
	seconds := ticks / den
	if seconds > int64(math.MaxInt64/time.Second)-1 || seconds < int64(math.MinInt64/time.Second)+1 {
		return NoTime
	}
	rest := ticks % den
	return time.Duration(seconds)*time.Second +
		time.Duration(math.Round(float64(rest)*float64(time.Second)/float64(den)))
}

// toTicks is the reverse, rounded down.
func toTicks(d time.Duration, base astiav.Rational) int64 {
	return int64(math.Floor(d.Seconds() * float64(base.Den()) / float64(base.Num())))
}
