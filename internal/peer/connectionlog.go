package peer

import (
	"strings"

	"github.com/pion/logging"
)

// connectionLogger is the log of pion's connection. What it warns of in every healthy
// session is told as debug.
type connectionLogger struct {
	logging.LeveledLogger
}

// Warnf implements logging.LeveledLogger.
func (l *connectionLogger) Warnf(format string, args ...any) {
	if isUsual(format, args) {
		l.LeveledLogger.Debugf(format, args...)

		return
	}
	l.LeveledLogger.Warnf(format, args...)
}

// isUsual knows the end of the loops that wait for streams nobody announced, and the
// SSRC 0 of a server that sends nothing itself in its receiver reports.
func isUsual(format string, args []any) bool {
	switch {
	case strings.HasPrefix(format, "Failed to accept RTP "), strings.HasPrefix(format, "Failed to accept RTCP "):
		return true
	case strings.HasPrefix(format, "Incoming unhandled RTCP ssrc("):
		return len(args) == 1 && args[0] == uint32(0)
	default:
		return false
	}
}
