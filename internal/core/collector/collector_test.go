package collector

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

var sink []byte

// collections is how many there are while so many bytes become garbage.
func collections(bytes int) uint32 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const size = 4 << 10
	for range bytes / size {
		sink = make([]byte, size)
	}
	runtime.ReadMemStats(&after)

	return after.NumGC - before.NumGC
}

func TestMuchGarbageIsCollectedLessOften(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	t.Setenv("GOGC", "")
	Pace()
	const bytes = 1 << 30
	collections(bytes / 2)
	// Hardly anything is alive: Go would collect for each of its least heaps.
	if usual, got := uint32(bytes/leastHeap), collections(bytes); got == 0 || got > usual/2 {
		t.Errorf("%d collections, where Go's own pace makes %d", got, usual)
	}
}

func TestTheHeapMayGrowByMoreOnlyWhileCollectionsFollowQuickly(t *testing.T) {
	const mega = 1 << 20
	for _, c := range []struct {
		what    string
		percent int
		since   time.Duration
		alive   uint64
		want    int
	}{
		{"quickly", 100, 10 * time.Millisecond, mega, 200},
		{"quickly, again", 200, 10 * time.Millisecond, mega, 400},
		{"up to the bound", 800, 10 * time.Millisecond, mega, 800},
		{"now and then", 400, 300 * time.Millisecond, mega, 400},
		{"seldom", 400, 2 * time.Second, mega, 200},
		{"seldom, down to Go's own", 100, 2 * time.Second, mega, 100},
		{"more is alive: the bound is of bytes", 800, 300 * time.Millisecond, 16 * mega, 200},
		{"as much is alive as may be spare", 100, time.Millisecond, 32 * mega, 100},
		{"far more is alive", 800, time.Millisecond, 1000 * mega, 100},
		{"nothing is alive", 400, time.Millisecond, 0, 800},
	} {
		if got := next(c.percent, c.since, c.alive); got != c.want {
			t.Errorf("%s: %d after %d, want %d", c.what, got, c.percent, c.want)
		}
	}
}
