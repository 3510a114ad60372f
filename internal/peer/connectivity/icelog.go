package connectivity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
)

// unreachable is W3C's errorCode for a server that gave no answer of STUN.
const unreachable = 701

// NewLog is pion's log, written to factory without what it complains of in every healthy session. It lets
// handshakes learn what DTLS has agreed on, and tells of ICE servers that gave no candidate, by their URLs as
// servers has them. It calls flows when SRTP starts, with pion's lock held.
func NewLog(
	factory logging.LoggerFactory, agreed *Handshakes, flows func(),
	servers func() []ICEServer, tell func(url string, code int, text string),
) logging.LoggerFactory {
	return &iceLog{
		LoggerFactory: factory, failures: gatheringFailures{servers: servers, tell: tell}, handshakes: agreed, flows: flows,
	}
}

// iceLog is pion's log, of which it makes W3C's icecandidateerror: pion tells
// nobody else why an ICE server gave no candidate. Its warnings carry the error
// as it was, and the server's address or URL.
type iceLog struct {
	logging.LoggerFactory
	failures   gatheringFailures
	handshakes *Handshakes
	flows      func()
}

// NewLogger implements logging.LoggerFactory.
func (l *iceLog) NewLogger(scope string) logging.LeveledLogger {
	logger := withoutUsual(scope, l.LoggerFactory.NewLogger(scope))
	switch scope {
	case "ice":
		return &iceLogger{LeveledLogger: logger, tell: l.failures.note}
	case "dtls":
		return &dtlsLogger{LeveledLogger: logger, handshakes: l.handshakes}
	case "srtp":
		// Each session makes its log, and pion tells of them in no other way.
		l.flows()
	}

	return logger
}

type iceLogger struct {
	logging.LeveledLogger
	tell func(reason error, hints []any)
}

// Warnf implements logging.LeveledLogger.
func (l *iceLogger) Warnf(format string, args ...any) {
	l.LeveledLogger.Warnf(format, args...)
	for _, arg := range args {
		if reason, ok := arg.(error); ok {
			l.tell(reason, args)

			return
		}
	}
}

// gatheringFailures tells of ICE servers that gave no candidate.
type gatheringFailures struct {
	servers func() []ICEServer
	tell    func(url string, code int, text string)
}

// note reads a warning of pion's.
func (f gatheringFailures) note(reason error, hints []any) {
	if errors.Is(reason, context.Canceled) || errors.Is(reason, net.ErrClosed) {
		return
	}
	if hasNoSuchAddress(reason) {
		return
	}
	url := f.serverOf(reason, hints)
	if url == "" {
		return
	}
	code, text := unreachable, reason.Error()
	var refused *stun.TurnError
	if errors.As(reason, &refused) {
		code, text = int(refused.ErrorCodeAttr.Code), string(refused.ErrorCodeAttr.Reason)
	}
	f.tell(url, code, text)
}

// hasNoSuchAddress tells whether a server merely has no address of the family
// that was tried: pion tries IPv4 and IPv6 of each, and the other one counts.
func hasNoSuchAddress(reason error) bool {
	var address *net.AddrError

	return errors.As(reason, &address) && address.Err == "no suitable address found"
}

// serverOf is the URL, as the app gave it, that pion's warning is about; empty
// if it is about none.
func (f gatheringFailures) serverOf(reason error, hints []any) string {
	named := make(map[string]bool)
	for _, hint := range hints {
		named[fmt.Sprint(hint)] = true
	}
	var dialed *net.OpError
	if errors.As(reason, &dialed) && dialed.Addr != nil {
		named[dialed.Addr.String()] = true
	}
	var secure []string
	for _, server := range f.servers() {
		for _, url := range server.URLs {
			uri, err := parseURL(url)
			if err != nil {
				continue
			}
			if named[uri.String()] || named[net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))] {
				return url
			}
			if uri.Scheme == stun.SchemeTypeTURNS {
				secure = append(secure, url)
			}
		}
	}
	// What fails in TLS does not say with whom.
	if len(hints) == 1 && len(secure) > 0 {
		return secure[0]
	}

	return ""
}
