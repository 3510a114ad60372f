package stats

import (
	"testing"
	"time"
)

func TestAReportIsKeptUntilItIsOldOrUntrue(t *testing.T) {
	var k Kept
	gathered := 0
	gather := func() []Entry {
		gathered++

		return []Entry{{"n": gathered}}
	}
	begin := time.Now()
	for i, c := range []struct {
		after   time.Duration
		changes uint64
		want    int
	}{
		{0, 1, 1},
		{49 * time.Millisecond, 1, 1},
		{50 * time.Millisecond, 1, 2},
		{60 * time.Millisecond, 1, 2},
		{61 * time.Millisecond, 2, 3},
		{99 * time.Millisecond, 2, 3},
		{time.Hour, 2, 4},
	} {
		if got := k.Read(c.changes, begin.Add(c.after), gather)[0]["n"]; got != c.want {
			t.Errorf("%d: report %v, want %d", i, got, c.want)
		}
	}
}
