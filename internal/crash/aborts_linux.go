package crash

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
)

// TakeAborts, where goexport has set it, has a handler of SIGABRT: it writes an aborted to asked, and waits until answered
// can be read. It keeps them.
var TakeAborts func(asked, answered *os.File) //nolint:gochecknoglobals // as process

// aborted is goexport's mscp_abort.
type aborted struct {
	Thread int32
	// Sender is the process that sent the signal, 0 where the thread itself called abort().
	Sender int32
}

// stacksRoom is for the stacks of all goroutines, at first and at the most.
const (
	stacksRoom     = 1 << 20
	mostStacksRoom = 64 << 20
)

// abortWatch has a handler of SIGABRT taken once, for all reports that there will be.
type abortWatch struct {
	mu    sync.Mutex
	begun bool
}

var processAborts abortWatch //nolint:gochecknoglobals // as process

func watchAborts() error { return processAborts.begin(TakeAborts, process.untilAbort) }

// begin may be tried again where it failed: at the limit of open files, say.
func (w *abortWatch) begin(take func(asked, answered *os.File), until func(asked io.Reader, answer io.Writer)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun || take == nil {
		return nil
	}
	asked, ask, err := os.Pipe()
	if err != nil {
		return err
	}
	answered, answer, err := os.Pipe()
	if err != nil {
		_, _ = asked.Close(), ask.Close()

		return err
	}
	w.begun = true
	recovery.Go(context.Background(), "telling of an abort", func() { until(asked, answer) })
	take(ask, answered)

	return nil
}

// untilAbort ends with the process.
func (r *reporter) untilAbort(asked io.Reader, answer io.Writer) {
	var who aborted
	if err := binary.Read(asked, binary.NativeEndian, &who); err != nil {
		return
	}
	r.tellOf(who)
	_, _ = answer.Write([]byte{1})
}

// tellOf adds to the report, if there is one, what Go has no words for: it is C that ends the process.
func (r *reporter) tellOf(who aborted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users == 0 {
		return
	}
	file, err := os.OpenFile(r.file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(file, "SIGABRT: %v\n\n%s\n", who, inCFirst(stacks()))
	_ = file.Close()
}

func (a aborted) String() string {
	if a.Sender != 0 {
		return fmt.Sprintf("sent by process %d", a.Sender)
	}
	if int(a.Thread) == os.Getpid() {
		return "abort() on the main thread"
	}
	name, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", a.Thread))

	return fmt.Sprintf("abort() on thread %d (%s)", a.Thread, strings.TrimSpace(string(name)))
}

func stacks() []byte {
	for size := stacksRoom; ; size *= 4 {
		room := make([]byte, size)
		if n := runtime.Stack(room, true); n < size || size >= mostStacksRoom {
			return room[:n]
		}
	}
}

// inCFirst sorts stacks: one of those that are in C may be what aborts; that of who asks is none, and comes last.
func inCFirst(stacks []byte) []byte {
	const separator = "\n\n"
	all := bytes.Split(bytes.TrimSpace(stacks), []byte(separator))
	all = append(all[1:], all[0])
	slices.SortStableFunc(all, func(a, b []byte) int { return rank(a) - rank(b) })

	return bytes.Join(all, []byte(separator))
}

// rank is 0 of a goroutine that is in C: its innermost function is what cgo makes of C's.
func rank(stack []byte) int {
	_, frames, _ := bytes.Cut(stack, []byte("\n"))
	function, _, _ := bytes.Cut(frames, []byte("("))
	if bytes.Contains(function, []byte("._Cfunc_")) {
		return 0
	}

	return 1
}
