package core

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

func TestAScopeWaitsForItsGoroutines(t *testing.T) {
	guard(t)
	s := NewScope(nil)
	var ended atomic.Int32
	for range 10 {
		s.Go("waiting", func(ctx context.Context) {
			<-ctx.Done()
			ended.Add(1)
		})
	}
	s.Close()
	if ended.Load() != 10 {
		t.Errorf("%d of 10 had ended", ended.Load())
	}
	s.Close()
	s.Go("too late", func(context.Context) { t.Error("a closed scope ran something") })
}

func TestAScopeReportsAPanic(t *testing.T) {
	guard(t)
	reports := make(chan string, 2)
	s := NewScope(func(message, stack string) {
		if !strings.Contains(stack, "scope_test.go") {
			t.Errorf("the stack does not show where: %s", stack)
		}
		reports <- message
	})
	s.Go("reading", func(context.Context) { panic("deliberate") })
	if got := <-reports; got != "reading: deliberate" {
		t.Errorf("got %q", got)
	}
	err := s.Do(func() error { panic(errors.New("deliberate too")) })
	if got := <-reports; got != "deliberate too" || !errors.Is(err, ErrPanic) {
		t.Errorf("got %q, %v", got, err)
	}
	s.Close()
}

func TestAScopeClosesWhenAllPanicsAreReported(t *testing.T) {
	guard(t)
	closing := make(chan struct{})
	var reported atomic.Bool
	s := NewScope(func(string, string) {
		<-closing
		runtime.Gosched()
		reported.Store(true)
	})
	s.Go("failing", func(context.Context) { panic("deliberate") })
	context.AfterFunc(s.Context(), func() { close(closing) })
	s.Close()
	if !reported.Load() {
		t.Error("it closed before that")
	}
}

func TestAPanicInTheReportIsRecovered(t *testing.T) {
	guard(t)
	s := NewScope(func(string, string) { panic("again") })
	if err := s.Do(func() error { panic("deliberate") }); !errors.Is(err, ErrPanic) {
		t.Errorf("got %v", err)
	}
	s.Go("failing", func(context.Context) { panic("deliberate") })
	s.Close()
}

func TestDoReturnsTheError(t *testing.T) {
	guard(t)
	s := NewScope(nil)
	defer s.Close()
	if err := s.Do(func() error { return ErrClosed }); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestGoexitEndsAGoroutineOfAScope(t *testing.T) {
	guard(t)
	s := NewScope(func(message, _ string) { t.Errorf("reported %s", message) })
	s.Go("leaving", func(context.Context) { runtime.Goexit() })
	s.Close()
}

func TestWhatWaitsForAGoroutineNeverWaitsForEver(t *testing.T) {
	guard(t)
	s := NewScope(nil)
	for name, f := range map[string]func(context.Context){
		"ends": func(context.Context) {}, "panics": func(context.Context) { panic("deliberate") },
		"leaves": func(context.Context) { runtime.Goexit() },
	} {
		over := make(chan struct{})
		s.GoThen(name, f, func() { close(over) })
		<-over
	}
	s.Close()
	over := make(chan struct{})
	s.GoThen("too late", func(context.Context) { t.Error("a closed scope ran something") }, func() { close(over) })
	<-over
}
