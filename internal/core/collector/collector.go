// Package collector lets Go's garbage collector work less often where there is much to collect.
//
// Go collects when the heap has grown to twice what is alive, 4 MB at the least. What pion makes for the
// messages of a busy data channel fills that a hundred times a second, and collecting took a third of the
// core's time. A program that is measured by its heap could be given a larger one for good; here a bot that
// does little must stay small. So the heap may grow by more while collections follow each other quickly, up to
// a bound, and no longer when they do not.
package collector

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// Go's own GOGC, and its least heap at that, in bytes.
	usual     = 100
	leastHeap = 4 << 20
	// spare is what the heap may grow by beyond what is alive, where Go would let it grow by less. In bytes.
	spare = 32 << 20
	// Collections that follow in less than often are too many, in more than seldom few.
	often  = 100 * time.Millisecond
	seldom = time.Second
)

// Pace begins to look after the collector, once a process. The user's own GOGC is kept.
var Pace = sync.OnceFunc(func() {
	if os.Getenv("GOGC") == "" {
		(&pace{percent: usual, last: time.Now()}).watch()
	}
})

type pace struct {
	percent int
	last    time.Time
}

// sentinel is garbage from its beginning: that it is collected tells of a collection. It has a pointer, or it
// would share its place in memory with what lives longer.
type sentinel struct{ *pace }

func (p *pace) watch() { runtime.AddCleanup(&sentinel{p}, (*pace).collected, p) }

func (p *pace) collected() {
	now := time.Now()
	if wanted := next(p.percent, now.Sub(p.last), alive()); wanted != p.percent {
		p.percent = wanted
		debug.SetGCPercent(wanted)
	}
	p.last = now
	p.watch()
}

// next is the GOGC after a collection that found so many bytes alive, so long after the one before.
func next(percent int, since time.Duration, alive uint64) int {
	most := max(usual, int(usual*spare/max(alive, leastHeap))) //nolint:gosec // small
	switch {
	case since < often:
		percent *= 2
	case since > seldom:
		percent /= 2
	}

	return min(max(percent, usual), most)
}

// alive is what the last collection went through, in bytes: Go reckons GOGC from stacks and globals too.
func alive() uint64 {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}
	metrics.Read(samples)
	var sum uint64
	for _, one := range samples {
		sum += one.Value.Uint64()
	}

	return sum
}
