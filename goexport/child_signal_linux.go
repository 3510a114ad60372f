package main

import (
	"context"
	"runtime"
	"sync"
	_ "unsafe" // for go:linkname

	"golang.org/x/sys/unix"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// Of the signals that src/signals keeps off the threads of Go, the runtime
// unblocks one again on each that it starts: SIGCHLD. While the main thread has
// it blocked, as libuv has for each child process that it starts, the kernel gives
// it to one of these. libuv's handler does not ask for the alternate stack, and
// would write past the end of a goroutine's: over the stack of another.
//
// golang/go has no setting for it. So its table says here that SIGCHLD may be
// blocked like others, before the library is used. It needs the linker's
// -checklinkname=0, and ends when c-shared libraries keep the mask that they were
// loaded with. test/unit/waist-life.test.ts looks at the threads.

// signalFlags is the runtime's sigTabT.
type signalFlags struct {
	flags int32
	name  string
}

//go:linkname signalTable runtime.sigtable
var signalTable [65]signalFlags

// The runtime's flags of SIGCHLD: _SigNotify, _SigUnblock, _SigIgn.
const (
	unblocked       = 1 << 7
	childSignalsOwn = 1<<0 | unblocked | 1<<8
)

func init() { //nolint:gochecknoinits // before any thread calls
	entry := &signalTable[unix.SIGCHLD]
	if entry.flags != childSignalsOwn {
		return
	}
	entry.flags &^= unblocked
	blockOnThreads()
}

// blockOnThreads has each of the threads that there are already block the signal: the
// one that initializes, and by as many goroutines, which hold one each at once, those
// that the scheduler has idle: it takes them first. What is left is the runtime's
// monitor, which runs on a stack of the system's.
func blockOnThreads() {
	block()
	threads, _ := runtime.ThreadCreateProfile(nil)
	var held, ended sync.WaitGroup
	release := make(chan struct{})
	for range threads {
		held.Add(1)
		ended.Add(1)
		recovery.Go(context.Background(), func() {
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
