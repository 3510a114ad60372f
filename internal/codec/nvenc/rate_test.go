package nvenc

import (
	"testing"
	"time"
)

func TestABitrateChangesWithAKeyframeOrIfItIsWorthOne(t *testing.T) {
	const rateNow = 1_000_000
	for name, c := range map[string]struct {
		wanted   int
		at       time.Duration
		keyframe bool
		want     bool
	}{
		"the same":                    {rateNow, time.Hour, true, false},
		"a little less":               {900_000, time.Hour, false, false},
		"a little less, a keyframe":   {900_000, 0, true, true},
		"much less at once":           {500_000, 900 * time.Millisecond, false, false},
		"much less":                   {500_000, time.Second, false, true},
		"a little more":               {1_200_000, time.Hour, false, false},
		"a little more, a keyframe":   {1_200_000, 0, true, true},
		"much more at once":           {3_000_000, 4 * time.Second, false, false},
		"much more":                   {3_000_000, 5 * time.Second, false, true},
		"much less, times begin anew": {500_000, -time.Hour, false, false},
	} {
		r := rate{wanted: c.wanted, is: rateNow}
		got := r.changes(c.at, c.keyframe)
		if got != c.want || got && (r.is != c.wanted || r.since != c.at) || !got && r.is != rateNow {
			t.Errorf("%s: %v, %+v", name, got, r)
		}
	}
}
