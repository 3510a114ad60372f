package childsignal

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
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

const (
	// The runtime's monitor and the thread that starts others run on stacks of the
	// system's, and take no goroutine: they need not be reached, and can't be.
	threadsOfRuntime = 2
	// What runs init keeps its thread.
	threadsOfInit = 1

	// A thread that is busy is waited for, twice as long each time, and each time
	// the runtime may start one in its place.
	maxRounds = 8
	firstWait = 250 * time.Microsecond
)

func init() { //nolint:gochecknoinits // before the packages that start goroutines, and their threads
	entry := &signalTable[unix.SIGCHLD]
	if entry.flags != childSignalsOwn {
		return
	}
	var begunWith unix.Sigset_t
	// Neither this call nor that of block fails but for a wrong argument.
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, nil, &begunWith)
	entry.flags &^= unblocked
	block()
	blockOnThreads(begunWith.Val[0])
}

// blockOnThreads has the few threads that there are already block the signal. The
// scheduler gives goroutines that are held at once to idle threads before it starts
// others; those that were busy just then still have the mask that they began with.
func blockOnThreads(begunWith uint64) {
	for round := range maxRounds {
		threads, _ := runtime.ThreadCreateProfile(nil)
		hold(threads-threadsOfRuntime-threadsOfInit, block)
		if threadsWith(begunWith) <= threadsOfRuntime {
			return
		}
		time.Sleep(firstWait << round)
	}
}

// hold runs do on as many threads at once.
func hold(threads int, do func()) {
	var held, ended sync.WaitGroup
	release := make(chan struct{})
	for range threads {
		held.Add(1)
		ended.Add(1)
		recovery.Go(context.Background(), "blocking a signal", func() {
			runtime.LockOSThread()
			defer ended.Done()
			defer runtime.UnlockOSThread()
			do()
			held.Done()
			<-release
		})
	}
	held.Wait()
	close(release)
	ended.Wait()
}

// threadsWith counts the threads of the process with a mask of signals, whether it has
// SIGURG (internal/core/preemption, which comes before) or not; none where the system
// does not tell.
func threadsWith(mask uint64) int {
	const urgent = 1 << (unix.SIGURG - 1)
	statuses, _ := filepath.Glob("/proc/self/task/*/status")
	count := 0
	for _, path := range statuses {
		status, err := os.ReadFile(path) //nolint:gosec // of this process
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(status), "\nSigBlk:\t")
		blocked, _, _ := strings.Cut(rest, "\n")
		if found, err := strconv.ParseUint(blocked, 16, 64); err == nil && found|urgent == mask|urgent {
			count++
		}
	}

	return count
}

func block() {
	var set unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGCHLD - 1)
	_ = unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil)
}
