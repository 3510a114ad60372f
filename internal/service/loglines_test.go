package service

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// kept are the lines that JavaScript took.
type kept struct {
	mu    sync.Mutex
	lines []wire.LogLine
	busy  bool
}

func (k *kept) emit(line wire.LogLine) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.busy {
		k.lines = append(k.lines, line)
	}

	return !k.busy
}

func (k *kept) setBusy(busy bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy = busy
}

func (k *kept) all() []wire.LogLine {
	k.mu.Lock()
	defer k.mu.Unlock()

	return append([]wire.LogLine(nil), k.lines...)
}

func newKept(t *testing.T, level logLevel) (*kept, *scopedLogger) {
	t.Helper()
	k := &kept{}
	log := &logger{level: level, guard: func(_ string, f func()) { f() }, lines: newLogLines(context.Background(), k.emit)}
	t.Cleanup(log.lines.close)

	return k, log.scoped("test")
}

// lineOfLeftOut waits for the line that tells how many were left out.
func (k *kept) lineOfLeftOut(t *testing.T) wire.LogLine {
	t.Helper()
	for end := time.Now().Add(testLimit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if all := k.all(); len(all) > 0 && all[len(all)-1].Scope == "log" {
			return all[len(all)-1]
		}
	}
	t.Fatal("nothing tells of what was left out")

	return wire.LogLine{}
}

func TestLinesThatComeTooFastAreLeftOutAndCounted(t *testing.T) {
	for _, c := range []struct {
		level string
		say   func(s *scopedLogger)
		burst int
		told  string
	}{
		{"debug", func(s *scopedLogger) { s.Debugf("%d", 1) }, maxDebugBurst, "warn"},
		{"warn", func(s *scopedLogger) { s.Warn("x") }, maxBurst, "warn"},
		{"error", func(s *scopedLogger) { s.Errorf("%d", 1) }, maxBurst, "error"},
	} {
		t.Run(c.level, func(t *testing.T) {
			// In time of its own: none passes during the flood.
			synctest.Test(t, func(t *testing.T) {
				level, _ := parseLevel(c.level)
				k, log := newKept(t, level)
				for range c.burst {
					c.say(log)
				}
				if got := len(k.all()); got != c.burst || log.logger.lines.left() != 0 {
					t.Fatalf("of a burst of %d %d came", c.burst, got)
				}
				const more = 200_000
				for range more {
					c.say(log)
				}
				left := log.logger.lines.left()
				if got := len(k.all()); got+int(left) < c.burst+more || left < more/2 {
					t.Errorf("%d came, %d were left out", got, left)
				}
				line := k.lineOfLeftOut(t)
				if line.Level != c.told || line.Message != fmt.Sprintf("%d lines were left out: they came too fast, or JavaScript was busy", left) {
					t.Errorf("told: %+v, of %d", line, left)
				}
			})
		})
	}
}

// Many lines at debug don't keep out an error.
func TestAnErrorIsLoggedInTheMiddleOfAFlood(t *testing.T) {
	t.Parallel()
	k, log := newKept(t, levelDebug)
	for range 5 * maxDebugBurst {
		log.Debug("x")
	}
	log.Error("this matters")
	all := k.all()
	if last := all[len(all)-1]; last.Message != "this matters" {
		t.Errorf("the last is %+v", last)
	}
}

func TestWhatABusyJavaScriptDidNotTakeIsToldOfLater(t *testing.T) {
	t.Parallel()
	k, log := newKept(t, levelDebug)
	k.setBusy(true)
	for range 10 {
		log.Warn("x")
	}
	time.Sleep(leftOutDelay + leftOutDelay/2)
	k.setBusy(false)
	if line := k.lineOfLeftOut(t); !strings.HasPrefix(line.Message, "10 lines") {
		t.Errorf("%+v", line)
	}
	if got := len(k.all()); got != 1 {
		t.Errorf("%d lines came", got)
	}
	log.Warn("as ever")
	if all := k.all(); all[len(all)-1].Message != "as ever" {
		t.Errorf("%+v", all)
	}
}

func TestALogThatEndsTellsOfWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	k, log := newKept(t, levelDebug)
	k.setBusy(true)
	log.Error("x")
	k.setBusy(false)
	log.logger.lines.close()
	if line := k.lineOfLeftOut(t); line.Level != "error" || !strings.HasPrefix(line.Message, "1 line") {
		t.Errorf("%+v", line)
	}
}

func TestALongLineIsCut(t *testing.T) {
	t.Parallel()
	k, log := newKept(t, levelDebug)
	log.Error(strings.Repeat("x", maxLine))
	log.Error(strings.Repeat("x", maxLine+1))
	// It ends with a whole rune.
	log.Error("x" + strings.Repeat("ü", maxLine))
	log.Error(strings.Repeat("\xff", maxLine*10))
	for i, line := range k.all() {
		if i == 0 && line.Message != strings.Repeat("x", maxLine) {
			t.Error("a line of as much as may be is another")
		}
		if i > 0 && (len(line.Message) > maxLine+30 || !strings.HasSuffix(line.Message, "bytes more)") || !utf8.ValidString(line.Message)) {
			t.Errorf("line %d: %d bytes, %q", i, len(line.Message), line.Message[max(0, len(line.Message)-30):])
		}
	}
}
