package service

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/core"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// stuckTrack panics when it is stopped.
type stuckTrack struct{ media.Track }

func (stuckTrack) Stop() { panic("deliberate: a track that can't be stopped") }

func (c *client) workerOf(handle uint64) *worker {
	c.t.Helper()
	object, _ := c.env.Lookup(handle)
	w, ok := object.(*worker)
	if !ok {
		c.t.Fatalf("handle %d is a %T", handle, object)
	}

	return w
}

func TestAPanicWhileAWorkerClosesDoesNotKeepTheRestOpen(t *testing.T) {
	c := open(t)
	handle, other := c.worker(), c.worker()
	peer := c.peer(handle)
	w := c.workerOf(handle)
	for range 2 {
		if _, err := w.adopt(stuckTrack{}); err != nil {
			t.Fatal(err)
		}
	}
	if refused := c.ask(handle, wire.WorkerClose, wire.Empty{}, nil); refused != nil {
		t.Fatal(refused)
	}
	c.event(peer, wire.Closed)
	var death wire.Death
	if err := json.Unmarshal(c.event(handle, wire.WorkerDied), &death); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(death.Message, "can't be stopped") || !strings.Contains(death.Stack, "panic_test.go") {
		t.Errorf("%+v", death)
	}
	c.event(handle, wire.Closed)
	// A second close waits for the first, and is none.
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if refused := c.ask(other, wire.WorkerDump, wire.Empty{}, nil); refused != nil {
		t.Error(refused)
	}
}

func TestAPanicInACallbackEndsItsWorkerAlone(t *testing.T) {
	for name, fail := range map[string]func(w *worker){
		"a guarded callback": func(w *worker) { w.guard("a callback", func() { panic("deliberate") }) },
		"a timer":            func(w *worker) { recovery.Timer(w.scope.Context(), "a timer", 1, func() { panic("deliberate") }) },
		"the end of a context": func(w *worker) {
			ctx, cancel := context.WithCancel(w.scope.Context())
			recovery.AfterFunc(ctx, "an end", func() { panic("deliberate") })
			cancel()
		},
		"a line of the log": func(w *worker) {
			w.log.level = levelDebug
			w.log.lines.emit = func(wire.LogLine) bool { panic("deliberate") }
			w.log.scoped("ice").Debugf("%d", 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			handle, other := c.worker(), c.worker()
			fail(c.workerOf(handle))
			var death wire.Death
			if err := json.Unmarshal(c.event(handle, wire.WorkerDied), &death); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(death.Message, ": deliberate") || !strings.Contains(death.Stack, "panic_test.go") {
				t.Errorf("%+v", death)
			}
			c.event(handle, wire.Closed)
			if refused := c.ask(other, wire.WorkerDump, wire.Empty{}, nil); refused != nil {
				t.Error(refused)
			}
		})
	}
}

func TestAPanicOfARequestsContextBelongsToItsWorker(t *testing.T) {
	c := open(t)
	handle := c.worker()
	w := c.workerOf(handle)
	call := &core.Call{Env: c.env, Target: w}
	Registry().OnPanic(call, "deliberate", "a stack")
	c.event(handle, wire.WorkerDied)
	c.event(handle, wire.Closed)
}

func TestAPanicOfWhatEndsWithAWorkerIsToldOfBeforeItsEnd(t *testing.T) {
	c := open(t)
	for range 100 {
		handle := c.worker()
		w := c.workerOf(handle)
		w.scope.Go("ending", func(ctx context.Context) {
			<-ctx.Done()
			panic("deliberate")
		})
		c.send(handle, wire.WorkerClose, wire.Empty{})
		c.event(handle, wire.WorkerDied)
		c.event(handle, wire.Closed)
	}
}

func TestAPanicOfWhatAWorkerLeftBehindIsPrinted(t *testing.T) {
	c := open(t)
	handle := c.worker()
	w := c.workerOf(handle)
	w.closeLimit = time.Millisecond
	stuck := make(chan struct{})
	w.scope.Go("stuck", func(context.Context) {
		<-stuck
		panic("deliberate")
	})
	if refused := c.ask(handle, wire.WorkerClose, wire.Empty{}, nil); refused != nil {
		t.Fatal(refused)
	}
	c.event(handle, wire.Closed)
	printed, printer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = printed.Close(), printer.Close() }()
	stderr := os.Stderr
	os.Stderr = printer
	close(stuck)
	line, err := bufio.NewReader(printed).ReadString('\n')
	w.scope.Close()
	os.Stderr = stderr
	if err != nil || !strings.Contains(line, "stuck: deliberate") {
		t.Errorf("got %q, %v", line, err)
	}
}
