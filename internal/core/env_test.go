package core

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

type closerFunc func() error

func (f closerFunc) Close() error { return f() }

func TestCloseClosesObjectsNewestFirst(t *testing.T) {
	n := openNode(t, NewRegistry())
	var closed []int
	for i := range 3 {
		n.NewHandle(closerFunc(func() error {
			closed = append(closed, i)

			return nil
		}))
		n.NewHandle("nothing to close")
	}
	n.Close()
	n.Close()
	if len(closed) != 3 || closed[0] != 2 || closed[1] != 1 || closed[2] != 0 {
		t.Errorf("closed %v", closed)
	}
}

func TestAnObjectThatPanicsDoesNotKeepTheOthersOpen(t *testing.T) {
	r := NewRegistry()
	told := make(chan string, 1)
	r.OnPanic = func(_ *Call, message, _ string) { told <- message }
	n := openNode(t, r)
	closed := false
	n.NewHandle(closerFunc(func() error {
		closed = true

		return nil
	}))
	n.NewHandle(closerFunc(func() error { panic("deliberate") }))
	n.Close()
	if message := <-told; !closed || message != "deliberate" {
		t.Errorf("closed: %t, told of %q", closed, message)
	}
}

func TestCloseIsBounded(t *testing.T) {
	n := openNode(t, NewRegistry())
	hang := make(chan struct{})
	closed := make(chan struct{})
	n.NewHandle(closerFunc(func() error {
		close(closed)

		return nil
	}))
	n.NewHandle(closerFunc(func() error {
		<-hang

		return nil
	}))
	start := time.Now()
	n.Close()
	if took := time.Since(start); took < closeLimit/2 || took > 2*closeLimit {
		t.Errorf("took %s", took)
	}
	close(hang)
	<-closed
}

func TestWhatARequestMakesWhileClosingIsClosed(t *testing.T) {
	r := NewRegistry()
	started := make(chan struct{})
	closed := make(chan struct{})
	Handle(r, wire.WorkerCreate, func(c *Call, _ wire.WorkerOptions) (wire.Handle, error) {
		close(started)
		<-c.Context.Done()
		// Longer than Close waits for requests before it closes objects.
		time.Sleep(2 * requestGrace)

		return wire.Handle{Handle: c.Env.NewHandle(closerFunc(func() error {
			close(closed)

			return nil
		}))}, nil
	})
	n := openNode(t, r)
	n.Call(1, 0, wire.WorkerCreate, []byte("{}"))
	<-started
	n.Close()
	<-closed
}

func TestNothingRingsAfterClose(t *testing.T) {
	guard(t)
	var closed atomic.Bool
	e := Open(NewRegistry(), func() {
		if closed.Load() {
			t.Error("rang after Close")
		}
	})
	var all sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		all.Go(func() {
			batch := make([]byte, wire.BatchSize)
			for {
				select {
				case <-stop:
					return
				default:
					e.Emit(0, ticked, tick{})
					e.Poll(batch)
				}
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	e.Close()
	closed.Store(true)
	time.Sleep(10 * time.Millisecond)
	close(stop)
	all.Wait()
}

func TestAClosedEnvironmentTakesNothing(t *testing.T) {
	n := openNode(t, NewRegistry())
	handle := n.NewHandle(target{})
	n.Close()
	n.wantStatus(n.Send(handle, false, nil), wire.StatusClosed)
	_, status := n.Query(handle, 1)
	n.wantStatus(status, wire.StatusClosed)
	n.Emit(handle, ticked, tick{})
	n.quiet()
	n.scope.Go("too late", func(context.Context) { t.Error("it ran") })
	if !n.Closed() {
		t.Error("it says that it is open")
	}
}

func TestAPanicOfAGoroutineIsReported(t *testing.T) {
	r := NewRegistry()
	told := make(chan string, 1)
	r.OnPanic = func(c *Call, message, _ string) {
		if c.Env == nil {
			t.Error("of no environment")
		}
		told <- message
	}
	n := openNode(t, r)
	n.scope.Go("reading", func(context.Context) { panic("deliberate") })
	if message := <-told; message != "reading: deliberate" {
		t.Errorf("told of %q", message)
	}
}
