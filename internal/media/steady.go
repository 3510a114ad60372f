package media

import "time"

// began is the time of day, and that of the clock which nobody sets, when the process began.
var began = time.Now() //nolint:gochecknoglobals // one for the process

// Steady is the time of day of t as it would be had nobody set the system's clock since the process began. What others
// compare, times in reports and in statistics, is of this one: an hour that the clock jumps is none that passed.
func Steady(t time.Time) time.Time { return began.Add(t.Sub(began)) }

// Milliseconds are since 1970, as W3C's timestamps are, by the steady time of day.
func Milliseconds(t time.Time) float64 { return float64(Steady(t).UnixMicro()) / 1000 }
