package peertest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pion/logging"
)

// Warnings are the lines of a log at the levels warn and error.
type Warnings struct {
	mu    sync.Mutex
	lines []string
}

// NewLogger implements logging.LoggerFactory.
func (w *Warnings) NewLogger(scope string) logging.LeveledLogger { return &warningLogger{w, scope} }

func (w *Warnings) add(scope, line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, scope+": "+line)
}

type warningLogger struct {
	all   *Warnings
	scope string
}

func (*warningLogger) Trace(string)                    {}
func (*warningLogger) Tracef(string, ...any)           {}
func (*warningLogger) Debug(string)                    {}
func (*warningLogger) Debugf(string, ...any)           {}
func (*warningLogger) Info(string)                     {}
func (*warningLogger) Infof(string, ...any)            {}
func (l *warningLogger) Warn(line string)              { l.all.add(l.scope, line) }
func (l *warningLogger) Warnf(format string, a ...any) { l.all.add(l.scope, fmt.Sprintf(format, a...)) }
func (l *warningLogger) Error(line string)             { l.all.add(l.scope, line) }
func (l *warningLogger) Errorf(format string, a ...any) {
	l.all.add(l.scope, fmt.Sprintf(format, a...))
}

// Lines are what was warned of so far, each after its scope.
func (w *Warnings) Lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()

	return slices.Clone(w.lines)
}
