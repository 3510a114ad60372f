// Package threads keeps sources from taking the last threads that the system gives: Go does not survive to get none.
package threads

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

const (
	// spareOfC threads are left to codecs, and spareOfGo to collections, names of hosts and the like. If Go has made
	// more threads than anybody waits on, those are its spare ones: who was stopped makes room again.
	spareOfC, spareOfGo = 8, 8
	// usual is how many of Go's threads, and one for each processor, are busy with all else.
	usual = 8
	// ahead is for how many more is looked at once, and fresh how long what was found is believed.
	ahead = 32
	fresh = time.Second
	// mostToEnd is how long is waited for threads that end.
	mostToEnd = 100 * time.Millisecond
	// mostOfGo is how many threads Go has before it ends the process.
	mostOfGo = 10_000
)

// ErrNone is that the system would give no more.
var ErrNone = errors.New("this process may have no more threads: raise its limit (ulimit -u, LimitNPROC=, TasksMax=, pids.max of its container)")

// Budget counts who may hold a thread: it may have to wait for a network within C.
type Budget struct {
	// Free tells how many more the system would give, up to most, Threads how many of Go's there are. End ends one of these on
	// which nothing runs.
	Free    func(most int) int
	Threads func() int
	End     func()

	mu   sync.Mutex
	held int
	// more is how many more than were needed there would be, found when that was.
	more  int
	found time.Time
}

// Process is the budget of this process.
var Process = &Budget{
	Free: av.FreeThreads,
	Threads: func() int {
		n, _ := runtime.ThreadCreateProfile(nil)
		return n
	},
	End: func() {
		ended := make(chan struct{})
		recovery.Go(context.Background(), "ending a thread", func() {
			defer close(ended)
			// The runtime ends a thread with the goroutine that is locked to it.
			runtime.LockOSThread()
		})
		<-ended
	},
}

// Take counts a thread, until the function that it gives is called. It fails with ErrNone where too few would be left
// if all who were counted needed theirs.
func (b *Budget) Take() (give func(), err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.hasRoom() && !(b.endIdle() && b.hasRoom()) {
		return nil, ErrNone
	}
	b.held++
	return sync.OnceFunc(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.held--
	}), nil
}

// hasRoom tells whether there is a thread for one more. mu is held.
func (b *Budget) hasRoom() bool {
	needed := spareOfC + max(-b.idle(), 0)
	return b.Threads()+needed+ahead <= mostOfGo && b.enough(needed)
}

// idle is how many more threads Go has than it needs with one more held, below 0 where it has to make some: it keeps
// those that it made. mu is held.
func (b *Budget) idle() int {
	there := max(b.Threads()-usual-runtime.GOMAXPROCS(0), 0)
	return there - (spareOfGo + b.held + 1)
}

// endIdle ends threads of Go's that are more than it needs, as many as C may want: a busy machine has Go make them, and
// Go ends none by itself. It tells whether there were any. mu is held.
func (b *Budget) endIdle() bool {
	idle := min(b.idle(), spareOfC)
	if idle <= 0 {
		return false
	}
	before := b.Threads()
	for range idle {
		b.End()
	}
	// A thread ends a little after its goroutine.
	for end := time.Now().Add(mostToEnd); b.Threads() > before-idle && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	b.more = 0
	return true
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
