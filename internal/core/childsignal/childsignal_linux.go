package childsignal

import (
	"context"
	"runtime"
	"sync"
	_ "unsafe" // for go:linkname

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// golang/go has no setting for this. So its table of signals says here that SIGCHLD
// may be blocked like others. That needs the linker's -checklinkname=0, and ends when
// c-shared libraries keep the mask that they were loaded with. What looks at the
// threads of a process is test/unit/waist-life.test.ts.

// signalFlags is the runtime's sigTabT.
type signalFlags struct {
	flags int32
	_     string
}

//go:linkname signalTable runtime.sigtable
var signalTable [65]signalFlags

// The runtime's flags of SIGCHLD: _SigNotify, _SigUnblock, _SigIgn.
const (
	unblocked       = 1 << 7
	childSignalsOwn = 1<<0 | unblocked | 1<<8
)

func init() { //nolint:gochecknoinits // before the packages that start goroutines, and their threads
	entry := &signalTable[unix.SIGCHLD]
	if entry.flags != childSignalsOwn {
		return
	}
	entry.flags &^= unblocked
	block()
	blockOnThreads()
}

// unreached are the threads that need not be reached: the runtime's monitor, and the one that starts others, run on stacks of
// the system's.
const unreached = 2

// blockOnThreads has the few threads that there are already block the signal. One that is not idle just then, as on a busy
// machine, is missed at first.
func blockOnThreads() {
	reached := make(map[int]bool)
	for range 10 {
		threads, _ := runtime.ThreadCreateProfile(nil)
		if len(reached) >= threads-unreached {
			return
		}
		for _, thread := range blockOn(threads) {
			reached[thread] = true
		}
	}
}

// blockOn has as many goroutines hold a thread each at once, where the scheduler takes idle ones first, and gives these.
func blockOn(threads int) []int {
	held := make([]int, threads)
	var holding, ended sync.WaitGroup
	release := make(chan struct{})
	for i := range held {
		holding.Add(1)
		ended.Add(1)
		recovery.Go(context.Background(), "blocking a signal", func() {
			runtime.LockOSThread()
			defer ended.Done()
			defer runtime.UnlockOSThread()
			block()
			held[i] = unix.Gettid()
			holding.Done()
			<-release
		})
	}
	holding.Wait()
	close(release)
	ended.Wait()

	return held
}

func block() {
	var set unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGCHLD - 1)
	// It fails for a wrong argument alone.
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil)
}
