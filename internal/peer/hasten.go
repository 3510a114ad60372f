package peer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pion/webrtc/v4"
)

// hastenAfter are the times at which pion is made to look at its connectivity
// checks. By itself it does so every 200 ms, which would be the longest part of
// connecting, and webrtc.SettingEngine has no say in it.
var hastenAfter = []time.Duration{
	4 * time.Millisecond, 8 * time.Millisecond, 12 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
}

// aliasType marks the candidates of hasten, which stats leave out: mediasoup
// itself has host candidates only.
const aliasType = webrtc.ICECandidateTypeSrflx

// mostAliases is how many related addresses there are.
const mostAliases = 65_000

// hasten adds a candidate of the server's again, each time under another related
// address: a new remote candidate is what makes pion look. They lead to the same
// place, so nothing else is contacted.
func (p *Peer) hasten(candidates []string) {
	if len(candidates) == 0 || p.hastened.Swap(true) {
		return
	}
	// UDP is what is likely to be chosen.
	first := candidates[max(slices.IndexFunc(candidates, isUDP), 0)]
	alias, ok := aliasOf(first)
	if !ok {
		return
	}
	p.alias.Store(&alias)
	p.start("hastening ICE", p.lookAtChecks)
}

// lookAtChecks makes pion look at its checks, until it has chosen a pair.
func (p *Peer) lookAtChecks(ctx context.Context) {
	alias := p.alias.Load()
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
		if p.hasPair() {
			return
		}
		related := 1 + p.aliases.Add(1)%mostAliases
		p.addCandidate((*alias)(int(related)))
	}
}

// hasPair says whether ICE has chosen a way to the server.
func (p *Peer) hasPair() bool {
	transport := p.pc.SCTP().Transport().ICETransport()
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
			foundation, component, transport, address, port, aliasType, address, related, tcpType)
	}, true
}

// isUDP says whether an a=candidate value is of UDP.
func isUDP(candidate string) bool {
	fields := strings.Fields(candidate)

	return len(fields) > 2 && strings.EqualFold(fields[2], "udp")
}
