package peer

import (
	"context"
	"fmt"
	"time"

	"github.com/pion/sdp/v3"
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

// hasten adds the server's first candidate again, each time under another
// related address: a new remote candidate is what makes pion look. They lead to
// the same place, so nothing else is contacted.
func (p *Peer) hasten(candidates []string) {
	if len(candidates) == 0 || p.hastened.Swap(true) {
		return
	}
	alias, ok := aliasOf(candidates[0])
	if !ok {
		return
	}
	p.start("hastening ICE", func(ctx context.Context) {
		for i, wait := range hastenAfter {
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
			_ = p.pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: alias(i + 1)})
		}
	})
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

// aliasOf reads an a=candidate value (RFC 8839 section 5.1) of UDP.
func aliasOf(candidate string) (func(port int) string, bool) {
	var foundation, component, transport, address string
	var priority, port int
	n, err := fmt.Sscanf(candidate, "%s %s %s %d %s %d",
		&foundation, &component, &transport, &priority, &address, &port)
	if err != nil || n != 6 || (transport != "udp" && transport != "UDP") {
		return nil, false
	}

	return func(related int) string {
		return fmt.Sprintf("candidate:%s %s udp 1 %s %d typ %s raddr %s rport %d",
			foundation, component, address, port, aliasType, address, related)
	}, true
}

// candidatesOf are the values of a=candidate of a description.
func candidatesOf(parsed *sdp.SessionDescription) []string {
	var candidates []string
	for _, m := range parsed.MediaDescriptions {
		for _, a := range m.Attributes {
			if a.Key == "candidate" {
				candidates = append(candidates, a.Value)
			}
		}
		if len(candidates) > 0 {
			break
		}
	}

	return candidates
}
