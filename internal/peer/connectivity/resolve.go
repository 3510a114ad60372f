package connectivity

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// mostAddresses of a name are tried.
const mostAddresses = 8

// Lookup finds the addresses of a host (net.Resolver.LookupNetIP).
type Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// Resolve puts addresses in the place of names: mediasoup's announcedAddress may be one, and pion takes none but those of
// mDNS. A candidate whose name is not found is left out, unless there is no other; failed hears of it.
func (r Remote) Resolve(ctx context.Context, lookup Lookup, failed func(err error)) (Remote, error) {
	var resolved []Candidate
	var last error
	known := make(map[string][]netip.Addr)
	for _, c := range r.Candidates {
		if _, err := netip.ParseAddr(c.Address); err == nil || strings.HasSuffix(c.Address, ".local") {
			resolved = append(resolved, c)

			continue
		}
		addresses, looked := known[c.Address]
		if !looked {
			var err error
			if addresses, err = lookup(ctx, "ip", c.Address); err != nil {
				last = fmt.Errorf("the server's address %q is not found: %w", c.Address, err)
				failed(last)
			}
			known[c.Address] = addresses
		}
		for _, address := range addresses[:min(len(addresses), mostAddresses)] {
			numeric := c
			numeric.Address = address.Unmap().String()
			resolved = append(resolved, numeric)
		}
	}
	if len(resolved) == 0 && last != nil {
		return r, last
	}
	r.Candidates = resolved

	return r, nil
}
