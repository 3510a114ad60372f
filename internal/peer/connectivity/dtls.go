package connectivity

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
	"github.com/pion/logging"
)

// TLSVersion is DTLS 1.2 as W3C's RTCTransportStats has it: pion speaks no other.
const TLSVersion = "FEFD"

// Handshakes is what a DTLS handshake agreed on. pion tells nobody: as the
// server it lets us see the hello that says so, as the client it logs it.
type Handshakes struct {
	// cipher is the name of the cipher suite, a string.
	cipher atomic.Value
}

// CipherSuite is the cipher suite's, as of IANA; empty before the handshake.
func (h *Handshakes) CipherSuite() string {
	name, _ := h.cipher.Load().(string)

	return name
}

// sayHello sees the ServerHello that is sent, and changes nothing.
func (h *Handshakes) sayHello(hello handshake.MessageServerHello) handshake.Message {
	if hello.CipherSuiteID != nil {
		h.cipher.Store(dtls.CipherSuiteName(dtls.CipherSuiteID(*hello.CipherSuiteID)))
	}

	return &hello
}

// dtlsLogger looks for the one line of pion's log that names the cipher suite.
type dtlsLogger struct {
	logging.LeveledLogger
	handshakes *Handshakes
}

// Tracef implements logging.LeveledLogger.
func (l *dtlsLogger) Tracef(format string, args ...any) {
	l.LeveledLogger.Tracef(format, args...)
	if len(args) == 1 && strings.HasSuffix(format, "use cipher suite: %s") {
		l.handshakes.cipher.Store(fmt.Sprint(args[0]))
	}
}
