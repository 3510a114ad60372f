package peer

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

// gathered are the protocols and addresses of a peer's own candidates.
func gathered(t *testing.T, p *Peer) (protocols []string, addresses []netip.Addr) {
	t.Helper()
	for _, line := range strings.Split(p.pc.LocalDescription().SDP, "\r\n") {
		value, ok := strings.CutPrefix(line, "a=candidate:")
		if !ok {
			continue
		}
		fields := strings.Fields(value)
		address, err := netip.ParseAddr(fields[4])
		if err != nil {
			t.Fatal(err)
		}
		protocols, addresses = append(protocols, fields[2]), append(addresses, address)
	}

	return protocols, addresses
}

func TestAConnectionHasOnlyCandidatesThatReachItsServer(t *testing.T) {
	client, server := newTestPeer(t), newTestServer(t)
	channels := server.offer(t, false)
	remote := server.local(t, "server")
	remote.Candidates = slices.DeleteFunc(remote.Candidates, func(c connectivity.Candidate) bool {
		return netip.MustParseAddr(c.Address).Is6()
	})
	if err := client.Connect(remote); err != nil {
		t.Fatal(err)
	}
	eventually(t, "candidates", func() bool {
		_, addresses := gathered(t, client)

		return len(addresses) > 0
	})
	if err := server.accept(client.local(t, "client"), channels); err != nil {
		t.Fatal(err)
	}
	untilConnected(t, client, server)
	protocols, addresses := gathered(t, client)
	if slices.Contains(protocols, "tcp") || slices.ContainsFunc(addresses, netip.Addr.Is6) {
		t.Errorf("candidates of %v, %v for a server of UDP and IPv4", protocols, addresses)
	}
}
