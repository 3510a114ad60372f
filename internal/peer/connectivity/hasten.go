package connectivity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
)

// hastenAfter are the times at which pion is made to look at its connectivity
// checks. By itself it does so every 200 ms, which would be the longest part of
// connecting, and webrtc.SettingEngine has no say in it.
var hastenAfter = []time.Duration{
	4 * time.Millisecond, 8 * time.Millisecond, 12 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
}

// AliasType marks the candidates of a hastener, which stats leave out: mediasoup
// itself has host candidates only.
const AliasType = webrtc.ICECandidateTypeSrflx

// mostAliases is how many related addresses there are.
const mostAliases = 65_000

// Hastener makes pion look at its checks: it adds a candidate of the server's again, each time under
// another related address: a new remote candidate is what makes pion look. They lead to the same
// place, so nothing else is contacted.
type Hastener struct {
	start     func(name string, f func(ctx context.Context))
	transport func() *webrtc.ICETransport
	add       func(candidate string)

	begun atomic.Bool
	// alias makes the candidates, of which there were aliases.
	alias   atomic.Pointer[func(related int) string]
	aliases atomic.Uint32
}

// NewHastener makes one of a transport; start runs a goroutine, and add gives pion a candidate.
func NewHastener(
	start func(name string, f func(ctx context.Context)), transport func() *webrtc.ICETransport, add func(candidate string),
) *Hastener {
	return &Hastener{start: start, transport: transport, add: add}
}

// Begin hastens ICE with the server's candidates, once until reset.
func (h *Hastener) Begin(candidates []string) {
	if len(candidates) == 0 || h.begun.Swap(true) {
		return
	}
	// UDP is what is likely to be chosen.
	first := candidates[max(slices.IndexFunc(candidates, isUDP), 0)]
	alias, ok := aliasOf(first)
	if !ok {
		return
	}
	h.alias.Store(&alias)
	h.start("hastening ICE", h.lookAtChecks)
}

// Reset is called before a restart of ICE.
func (h *Hastener) Reset() { h.begun.Store(false) }

// Opened says that there is a connection over TCP to be checked.
func (h *Hastener) Opened() { h.start("hastening ICE over TCP", h.lookAtChecks) }

// lookAtChecks makes pion look at its checks, until it has chosen a pair.
func (h *Hastener) lookAtChecks(ctx context.Context) {
	alias := h.alias.Load()
	if alias == nil {
		return
	}
	for _, wait := range hastenAfter {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()

			return
		case <-timer.C:
		}
		if h.HasPair() {
			return
		}
		related := 1 + h.aliases.Add(1)%mostAliases
		h.add((*alias)(int(related)))
	}
}

// HasPair says whether ICE has chosen a way to the server.
func (h *Hastener) HasPair() bool {
	transport := h.transport()
	// Before it has begun, pion may be about to write what the next line reads.
	if transport.State() == webrtc.ICETransportStateNew {
		return false
	}
	pair, err := transport.GetSelectedCandidatePair()

	return err == nil && pair != nil
}

// aliasOf reads an a=candidate value (RFC 8839 section 5.1).
func aliasOf(candidate string) (func(port int) string, bool) {
	var foundation, component, transport, address string
	var priority, port int
	n, err := fmt.Sscanf(candidate, "%s %s %s %d %s %d",
		&foundation, &component, &transport, &priority, &address, &port)
	if err != nil || n != 6 {
		return nil, false
	}
	tcpType := ""
	if strings.EqualFold(transport, "tcp") {
		tcpType = " tcptype " + tcpTypeToOpen
	}

	return func(related int) string {
		return fmt.Sprintf("candidate:%s %s %s 1 %s %d typ %s raddr %s rport %d%s",
			foundation, component, transport, address, port, AliasType, address, related, tcpType)
	}, true
}

// isUDP says whether an a=candidate value is of UDP.
func isUDP(candidate string) bool {
	fields := strings.Fields(candidate)

	return len(fields) > 2 && strings.EqualFold(fields[2], "udp")
}
