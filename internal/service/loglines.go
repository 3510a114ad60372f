package service

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
	"golang.org/x/time/rate"
)

// Limits of a worker's log: so many lines at once, and so many a second from then on; those at debug, and those that matter more,
// each by their own. A packet of the other side may cause a line.
const (
	maxDebugBurst = 4000
	maxDebugRate  = 1000
	maxBurst      = 1000
	maxRate       = 100
	// maxLine is in bytes.
	maxLine = 8 << 10
)

// leftOutDelay is how long after a line was left out the log tells of it.
const leftOutDelay = time.Second

// logLines gives JavaScript the lines of a log, as many as there may be, and tells how many were left out.
type logLines struct {
	emit    func(wire.LogLine) (taken bool)
	context context.Context //nolint:containedctx // of the worker, for what panics
	debug   *rate.Limiter
	others  *rate.Limiter

	mu      sync.Mutex
	leftOut uint64
	told    uint64
	// worst is the most severe level of what was left out and not told of.
	worst  logLevel
	timer  *time.Timer
	closed bool
}

func newLogLines(ctx context.Context, emit func(wire.LogLine) bool) *logLines {
	return &logLines{
		emit: emit, context: ctx, worst: levelDebug,
		debug: rate.NewLimiter(maxDebugRate, maxDebugBurst), others: rate.NewLimiter(maxRate, maxBurst),
	}
}

// admits says whether a line is to be made at all.
func (l *logLines) admits(level logLevel) bool {
	limiter := l.others
	if level == levelDebug {
		limiter = l.debug
	}
	if limiter.Allow() {
		return true
	}
	l.leaveOut(level)

	return false
}

func (l *logLines) add(level logLevel, scope, message string) {
	if !l.emit(wire.LogLine{Level: level.String(), Scope: scope, Message: wire.Cut(message, maxLine)}) {
		l.leaveOut(level)
	}
}

func (l *logLines) leaveOut(level logLevel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leftOut++
	l.worst = min(l.worst, level)
	l.tellLater()
}

// tellLater is called with the lock held.
func (l *logLines) tellLater() {
	if l.timer == nil && !l.closed {
		l.timer = recovery.Timer(l.context, "tell of lines that were left out", leftOutDelay, l.tell)
	}
}

func (l *logLines) tell() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer = nil
	if l.closed || l.leftOut == l.told {
		return
	}
	if l.emit(wire.LogLine{Level: min(l.worst, levelWarn).String(), Scope: "log", Message: fmt.Sprintf(
		"%d lines were left out: they came too fast, or JavaScript was busy", l.leftOut-l.told)}) {
		l.told, l.worst = l.leftOut, levelDebug

		return
	}
	l.tellLater()
}

// left is how many lines were left out.
func (l *logLines) left() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.leftOut
}

// close tells of what was left out for the last time.
func (l *logLines) close() {
	l.tell()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.timer != nil {
		l.timer.Stop()
	}
}
