package service

import (
	"fmt"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
	"github.com/pion/logging"
)

type logLevel int

const (
	levelNone logLevel = iota
	levelError
	levelWarn
	levelDebug
)

func parseLevel(name string) (logLevel, error) {
	for level := levelNone; level <= levelDebug; level++ {
		if level.String() == name {
			return level, nil
		}
	}

	return levelNone, invalidArgument(`logLevel: expected "debug", "warn", "error" or "none", got %q`, name)
}

// String is the name that apps and lines have of it.
func (l logLevel) String() string {
	return [...]string{"none", wire.LevelError, wire.LevelWarn, wire.LevelDebug}[l]
}

// logger turns the core's (and pion's) log into WorkerLog events, so that it
// comes out of JavaScript's debug package.
type logger struct {
	level logLevel
	lines *logLines
	// guard is for lines of pion's goroutines.
	guard func(name string, f func())
	// hide (may be nil) leaves passwords out of a line.
	hide func(line string) string
}

// hiding is the log of what has passwords.
func (l *logger) hiding(hide func(line string) string) *logger {
	hiding := *l
	hiding.hide = hide

	return &hiding
}

func (l *logger) line(level logLevel, scope, message string) {
	if l.hide != nil {
		message = l.hide(message)
	}
	l.lines.add(level, scope, message)
}

// NewLogger implements pion's logging.LoggerFactory.
func (l *logger) NewLogger(scope string) logging.LeveledLogger { return l.scoped(scope) }

func (l *logger) scoped(scope string) *scopedLogger { return &scopedLogger{scope: scope, logger: l} }

type scopedLogger struct {
	scope  string
	logger *logger
}

func (s *scopedLogger) print(level logLevel, message string) {
	if level <= s.logger.level && s.logger.lines.admits(level) {
		s.logger.guard("a line of the log", func() { s.logger.line(level, s.scope, message) })
	}
}

func (s *scopedLogger) printf(level logLevel, format string, args []any) {
	if level <= s.logger.level && s.logger.lines.admits(level) {
		s.logger.guard("a line of the log", func() { s.logger.line(level, s.scope, fmt.Sprintf(format, args...)) })
	}
}

// pion's Trace is a line a packet: it is never passed on.
func (s *scopedLogger) Trace(string)              {}
func (s *scopedLogger) Tracef(string, ...any)     {}
func (s *scopedLogger) Debug(msg string)          { s.print(levelDebug, msg) }
func (s *scopedLogger) Debugf(f string, a ...any) { s.printf(levelDebug, f, a) }
func (s *scopedLogger) Info(msg string)           { s.print(levelDebug, msg) }
func (s *scopedLogger) Infof(f string, a ...any)  { s.printf(levelDebug, f, a) }
func (s *scopedLogger) Warn(msg string)           { s.print(levelWarn, msg) }
func (s *scopedLogger) Warnf(f string, a ...any)  { s.printf(levelWarn, f, a) }
func (s *scopedLogger) Error(msg string)          { s.print(levelError, msg) }
func (s *scopedLogger) Errorf(f string, a ...any) { s.printf(levelError, f, a) }
