package connectivity

import (
	"errors"
	"os"
	"strings"

	"github.com/pion/logging"
	"github.com/pion/sctp"
	"github.com/pion/webrtc/v4"
)

// usualLogger is a log of pion's. What it complains of in every healthy session is told
// as debug.
type usualLogger struct {
	logging.LeveledLogger
	usual []string
}

// withoutUsual is the log of a scope, without such complaints.
func withoutUsual(scope string, logger logging.LeveledLogger) logging.LeveledLogger {
	if usual := usualLines(scope); len(usual) > 0 {
		return &usualLogger{logger, usual}
	}

	return logger
}

// usualLines are their beginnings.
func usualLines(scope string) []string {
	switch scope {
	case "pc":
		return []string{
			// The ends of the loops that wait for streams nobody announced.
			"Failed to accept RTP ", "Failed to accept RTCP ", "Failed to open RTCP stream for ",
			// A consumer that was closed a moment ago, and the SSRC 0 of a server that sends
			// nothing itself (demux.go); and many of them.
			"Incoming unhandled RTP ssrc(", "Incoming unhandled RTCP ssrc(", webrtc.ErrSimulcastProbeOverflow.Error(),
		}
	case "ice":
		// The other side's candidates are added a moment after ICE began.
		return []string{
			"Failed to ping without candidate pairs",
			// What hastens it comes at its end, what the server sends while it begins anew.
			"Failed to add remote candidate ", "Discarded message from ",
			// Answers to what was asked before a restart, or so long ago that nobody waits for them any more.
			"Discard success ", "Discard error response ", "Discard message from ",
		}
	case "sctp":
		// Its last words to a connection that is closed, as the state tells.
		return []string{"[%s] failed to write packets on netConn: "}
	case "mux":
		// DTLS that comes before its reader does, or after it went. It is kept, or not missed.
		return []string{"Warning: mux: no endpoint for packet starting with "}
	default:
		return nil
	}
}

func (l *usualLogger) isUsual(line string) bool {
	for _, beginning := range l.usual {
		if strings.HasPrefix(line, beginning) {
			return true
		}
	}

	return false
}

// isOfClosing tells whether a candidate's last read ended because the candidate was closed: pion
// ends its wait by a deadline for that, and sets none otherwise.
func isOfClosing(format string, args []any) bool {
	return strings.HasPrefix(format, "Failed to read from candidate ") && errorAmong(args, os.ErrDeadlineExceeded) != nil
}

// isOfProbe tells whether a packet is the answer to pion's own HEARTBEAT: it asks for the round trip where nothing is on its
// way, and does not read the answer.
func isOfProbe(args []any) bool {
	err := errorAmong(args, sctp.ErrUnmarshalUnknownChunkType)

	return err != nil && strings.HasSuffix(err.Error(), ": HEARTBEAT-ACK")
}

// errorAmong is that of a line's arguments which is of a kind.
func errorAmong(args []any, kind error) error {
	for _, arg := range args {
		if err, ok := arg.(error); ok && errors.Is(err, kind) {
			return err
		}
	}

	return nil
}

// Warn implements logging.LeveledLogger.
func (l *usualLogger) Warn(line string) {
	if l.isUsual(line) {
		l.LeveledLogger.Debug(line)

		return
	}
	l.LeveledLogger.Warn(line)
}

// Warnf implements logging.LeveledLogger.
func (l *usualLogger) Warnf(format string, args ...any) {
	if l.isUsual(format) || isOfClosing(format, args) || isOfProbe(args) {
		l.LeveledLogger.Debugf(format, args...)

		return
	}
	l.LeveledLogger.Warnf(format, args...)
}

// Errorf implements logging.LeveledLogger.
func (l *usualLogger) Errorf(format string, args ...any) {
	if l.isUsual(format) {
		l.LeveledLogger.Debugf(format, args...)

		return
	}
	l.LeveledLogger.Errorf(format, args...)
}

// Error implements logging.LeveledLogger.
func (l *usualLogger) Error(line string) {
	if l.isUsual(line) {
		l.LeveledLogger.Debug(line)

		return
	}
	l.LeveledLogger.Error(line)
}
