package connectivity

import (
	"net"
	"slices"
	"testing"
)

const (
	udp4 = "a 1 udp 1076302079 192.0.2.1 40000 typ host"
	udp6 = "a 1 udp 1076302079 2001:db8::1 40000 typ host"
	tcp4 = "a 1 tcp 1076276479 192.0.2.1 40000 typ host tcptype passive"
	name = "a 1 udp 1076302079 sfu.example.com 40000 typ host"
)

func TestOnlyWaysThatTheServerOffersAreGathered(t *testing.T) {
	for _, test := range []struct {
		what       string
		candidates []string
		servers    []ICEServer
		want       offered
	}{
		{"one of UDP", []string{udp4}, nil, offered{udp: true, ipv4: true}},
		{"both families", []string{udp4, udp6}, nil, offered{udp: true, ipv4: true, ipv6: true}},
		{"IPv6 alone", []string{udp6}, nil, offered{udp: true, ipv6: true}},
		{"an IPv4 address in IPv6", []string{"a 1 udp 1 ::ffff:192.0.2.1 1 typ host"}, nil, offered{udp: true, ipv4: true}},
		{"TCP alone", []string{tcp4}, nil, offered{tcp: true, ipv4: true}},
		{"both protocols", []string{tcp4, udp6}, nil, anyWay()},
		{"a name", []string{name}, nil, offered{udp: true, ipv4: true, ipv6: true}},
		{"a STUN server", []string{udp4}, []ICEServer{{URLs: []string{"stun:192.0.2.2"}}}, offered{udp: true, ipv4: true, ipv6: true}},
		{"none", nil, nil, anyWay()},
		{"what is no candidate", []string{"a 1 udp"}, nil, anyWay()},
	} {
		t.Run(test.what, func(t *testing.T) {
			n := newTestNetwork(t)
			if before := n.offers(); before != anyWay() {
				t.Errorf("before the candidates are known: %+v", before)
			}
			n.SetServers(test.servers)
			n.SetCandidates(test.candidates)
			got := n.offers()
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			conns, err := activeTCP{n}.GetAllConns("", false, net.IPv4(127, 0, 0, 1))
			if err != nil || (len(conns) > 0) != got.tcp {
				t.Errorf("connections over TCP: %v, %v", conns, err)
			}
			families := familiesOf(t, n)
			all := familiesOf(t, newTestNetwork(t))
			for family, is := range map[string]bool{"IPv4": got.ipv4, "IPv6": got.ipv6} {
				if slices.Contains(all, family) && slices.Contains(families, family) != is {
					t.Errorf("of this machine's %v there are %v", all, families)
				}
			}
		})
	}
}

// familiesOf are those of the addresses that a network has.
func familiesOf(t *testing.T, n *Network) []string {
	t.Helper()
	interfaces, err := n.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	var families []string
	for _, one := range interfaces {
		addresses, _ := one.Addrs()
		for _, address := range addresses {
			family := "IPv6"
			if address.(*net.IPNet).IP.To4() != nil { //nolint:forcetypeassert // stdnet's are
				family = "IPv4"
			}
			families = append(families, family)
		}
	}

	return families
}
