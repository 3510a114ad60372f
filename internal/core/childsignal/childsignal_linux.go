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

// blockOnThreads has the few threads that there are already block the signal: as many
// goroutines hold one each at once, and the scheduler takes idle threads first. One that
// is not idle just then may be missed, as are two that need not be reached: the
// runtime's monitor and the thread that starts others run on stacks of the system's.
func blockOnThreads() {
	threads, _ := runtime.ThreadCreateProfile(nil)
	var held, ended sync.WaitGroup
	release := make(chan struct{})
	for range threads {
		held.Add(1)
		ended.Add(1)
		recovery.Go(context.Background(), "blocking a signal", func() {
			runtime.LockOSThread()
			defer ended.Done()
			defer runtime.UnlockOSThread()
			block()
			held.Done()
			<-release
		})
	}
	held.Wait()
	close(release)
	ended.Wait()
}

func block() {
	var set unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGCHLD - 1)
	// It fails for a wrong argument alone.
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil)
}
