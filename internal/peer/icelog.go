package peer

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

// iceLog is pion's log, of which it makes W3C's icecandidateerror: pion tells
// nobody else why an ICE server gave no candidate. Its warnings carry the error
// as it was, and the server's address or URL.
type iceLog struct {
	logging.LoggerFactory
	tell func(reason error, hints []any)
	// handshakes learns what DTLS has agreed on.
	handshakes *handshakes
}

// NewLogger implements logging.LoggerFactory.
func (l *iceLog) NewLogger(scope string) logging.LeveledLogger {
	logger := withoutUsual(scope, l.LoggerFactory.NewLogger(scope))
	switch scope {
	case "ice":
		return &iceLogger{LeveledLogger: logger, tell: l.tell}
	case "dtls":
		return &dtlsLogger{LeveledLogger: logger, handshakes: l.handshakes}
	default:
		return logger
	}
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

// gatheringFailed tells of an ICE server that gave no candidate.
func (p *Peer) gatheringFailed(reason error, hints []any) {
	if p.closed.Load() || errors.Is(reason, context.Canceled) || errors.Is(reason, net.ErrClosed) {
		return
	}
	if hasNoSuchAddress(reason) {
		return
	}
	url := p.serverOf(reason, hints)
	if url == "" {
		return
	}
	code, text := unreachable, reason.Error()
	var refused *stun.TurnError
	if errors.As(reason, &refused) {
		code, text = int(refused.ErrorCodeAttr.Code), string(refused.ErrorCodeAttr.Reason)
	}
	p.options.Observer.ICECandidateError(url, code, text)
}

// hasNoSuchAddress tells whether a server merely has no address of the family
// that was tried: pion tries IPv4 and IPv6 of each, and the other one counts.
func hasNoSuchAddress(reason error) bool {
	var address *net.AddrError

	return errors.As(reason, &address) && address.Err == "no suitable address found"
}

// serverOf is the URL, as the app gave it, that pion's warning is about; empty
// if it is about none.
func (p *Peer) serverOf(reason error, hints []any) string {
	named := make(map[string]bool)
	for _, hint := range hints {
		named[fmt.Sprint(hint)] = true
	}
	var dialed *net.OpError
	if errors.As(reason, &dialed) && dialed.Addr != nil {
		named[dialed.Addr.String()] = true
	}
	p.mu.Lock()
	servers := p.iceServers
	p.mu.Unlock()
	var secure []string
	for _, server := range servers {
		for _, url := range server.URLs {
			uri, err := stun.ParseURI(url)
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
