// Package threads keeps sources from taking the last threads that the system gives: Go does not survive to get none.
package threads

import (
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
)

const (
	// spareOfC threads are left to codecs, and spareOfGo to collections, names of hosts and the like. If Go has made
	// more threads than anybody waits on, those are its spare ones: it ends none, and who was stopped makes room again.
	spareOfC, spareOfGo = 8, 8
	// usual is how many of Go's threads, and one for each processor, are busy with all else.
	usual = 8
	// ahead is for how many more is looked at once, and fresh how long what was found is believed.
	ahead = 32
	fresh = time.Second
	// mostOfGo is how many threads Go has before it ends the process.
	mostOfGo = 10_000
)

// ErrNone is that the system would give no more.
var ErrNone = errors.New("this process may have no more threads: raise its limit (ulimit -u, LimitNPROC=, TasksMax=, pids.max of its container)")

// Budget counts who may hold a thread: it may have to wait for a network within C.
type Budget struct {
	// Free tells how many more the system would give, up to most, Threads how many of Go's there are.
	Free    func(most int) int
	Threads func() int

	mu   sync.Mutex
	held int
	// more is how many more than were needed there would be, found when that was.
	more  int
	found time.Time
}

// Process is the budget of this process.
var Process = &Budget{Free: av.FreeThreads, Threads: func() int {
	n, _ := runtime.ThreadCreateProfile(nil)
	return n
}}

// Take counts a thread, until the function that it gives is called. It fails with ErrNone where too few would be left
// if all who were counted needed theirs.
func (b *Budget) Take() (give func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	threads := b.Threads()
	// Go keeps the threads that it made.
	there := max(threads-usual-runtime.GOMAXPROCS(0), 0)
	needed := spareOfC + max(spareOfGo+b.held+1-there, 0)
	if threads+needed+ahead > mostOfGo || !b.enough(needed) {
		return nil, ErrNone
	}
	b.held++
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.held--
	}), nil
}

// enough asks the system, but where it has said a moment ago that there are more. mu is held.
func (b *Budget) enough(needed int) bool {
	if b.more > 0 && time.Since(b.found) < fresh {
		b.more--
		return true
	}
	free := b.Free(needed + ahead)
	b.more, b.found = max(free-needed, 0), time.Now()
	return free >= needed
}
