package connectivity

import (
	"net"
	"net/netip"
	"strings"

	pionnet "github.com/pion/transport/v5"
)

// offered are the ways that the server's candidates offer. A local candidate that none
// of them is for costs a socket, a goroutine and its buffer as long as the connection.
type offered struct{ udp, tcp, ipv4, ipv6 bool }

// anyWay is what may be before the candidates are known.
func anyWay() offered { return offered{udp: true, tcp: true, ipv4: true, ipv6: true} }

// offeredBy reads a=candidate values (RFC 8839 section 5.1). A name may be of an address
// of either family; of no candidates nothing is known.
func offeredBy(candidates []string) offered {
	var o offered
	for _, candidate := range candidates {
		const address = 4
		fields := strings.Fields(candidate)
		if len(fields) <= address {
			return anyWay()
		}
		o.udp = o.udp || isUDP(candidate)
		o.tcp = o.tcp || !isUDP(candidate)
		ip, err := netip.ParseAddr(fields[address])
		isName := err != nil
		o.ipv4 = o.ipv4 || isName || ip.Unmap().Is4()
		o.ipv6 = o.ipv6 || isName || !ip.Unmap().Is4()
	}
	if len(candidates) == 0 {
		return anyWay()
	}

	return o
}

// SetCandidates notes what the server offers, before candidates are gathered for it.
func (n *Network) SetCandidates(candidates []string) {
	o := offeredBy(candidates)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.offered = o
}

// offers is what local candidates are worth gathering for.
func (n *Network) offers() offered {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.offered
	if n.hasServers {
		// A STUN or TURN server may be reached by, and lead to, either family.
		o.ipv4, o.ipv6 = true, true
	}

	return o
}

// reaching leaves the addresses from which the server is reached.
func (o offered) reaching(interfaces []*pionnet.Interface) []*pionnet.Interface {
	if o.ipv4 && o.ipv6 {
		return interfaces
	}
	left := make([]*pionnet.Interface, 0, len(interfaces))
	for _, all := range interfaces {
		some := pionnet.NewInterface(all.Interface)
		addresses, _ := all.Addrs()
		for _, address := range addresses {
			if ip, ok := address.(*net.IPNet); !ok || o.ipv4 == (ip.IP.To4() != nil) {
				some.AddAddress(address)
			}
		}
		left = append(left, some)
	}

	return left
}
