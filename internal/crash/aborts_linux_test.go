package crash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAnAbortAddsWhoItWasAndTheStacksOnce(t *testing.T) {
	var r reporter
	file := filepath.Join(t.TempDir(), "report")
	reports, err := r.report(file, head)
	if err != nil {
		t.Fatal(err)
	}
	asked, ask := io.Pipe()
	answered, answer := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.untilAbort(asked, answer)
	}()
	if err := binary.Write(ask, binary.NativeEndian, aborted{Thread: 1, Sender: 77}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(answered, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	<-ended
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{head + "\nSIGABRT: sent by process 77\n\ngoroutine ", "crash.stacks("} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("%q is not in, once:\n%s", want, text)
		}
	}
	if err := reports.Close(); err != nil {
		t.Error(err)
	}
	r.tellOf(aborted{})
	if _, err := os.Stat(file); err == nil {
		t.Error("a report that nobody asks for any more was made")
	}
}

// The limit of open files is raised, or files are closed, while the process lives.
func TestAbortsAreWatchedOnceThereAreFilesAgain(t *testing.T) {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	limit := before
	limit.Cur = 64
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}()
	var open []*os.File
	defer func() {
		for _, file := range open {
			_ = file.Close()
		}
	}()
	for {
		file, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		open = append(open, file)
	}
	var watch abortWatch
	ended := make(chan struct{})
	begin := func() error {
		return watch.begin(func(asked, answered *os.File) { open = append(open, asked, answered) }, func(asked io.Reader, _ io.Writer) {
			defer close(ended)
			_, _ = io.Copy(io.Discard, asked)
		})
	}
	// Each of two pipes takes two.
	for free := range 4 {
		if err := begin(); !errors.Is(err, syscall.EMFILE) {
			t.Fatalf("%d files are free: %v", free, err)
		}
		_ = open[free].Close()
	}
	opened := len(open)
	for range 2 {
		if err := begin(); err != nil || len(open) != opened+2 {
			t.Fatalf("%v, %d", err, len(open)-opened)
		}
	}
	_ = open[opened].Close()
	<-ended
}

func TestWhoAbortsIsNamed(t *testing.T) {
	for want, who := range map[string]aborted{
		"sent by process 5":               {Thread: 3, Sender: 5},
		"abort() on the main thread":      {Thread: int32(os.Getpid())}, //nolint:gosec // fits
		"abort() on thread 2147483647 ()": {Thread: 1<<31 - 1},
	} {
		if got := fmt.Sprint(who); got != want {
			t.Errorf("%+v: %q, expected %q", who, got, want)
		}
	}
}

func TestStacksThatAreInCComeFirst(t *testing.T) {
	asks := "goroutine 9 [running]:\ncrash.stacks()\n\taborts_linux.go:1"
	waits := "goroutine 2 [select]:\nav.wait(0x1)\n\ta.go:1\nav._Cfunc_called_before()"
	inC := "goroutine 3 [syscall]:\nexample.com/av._Cfunc_decode(0x1)\n\ta.go:2"
	got := string(inCFirst([]byte(strings.Join([]string{asks, waits, inC}, "\n\n") + "\n")))
	if want := strings.Join([]string{inC, waits, asks}, "\n\n"); got != want {
		t.Errorf("%s\nexpected:\n%s", got, want)
	}
}
