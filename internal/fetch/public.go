package fetch

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// specialNetworks lists what is in no public network besides what netip tells
// (IANA's registries of special-purpose addresses, RFC 6890).
func specialNetworks() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),
		netip.MustParsePrefix("100.64.0.0/10"),
		netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("192.0.2.0/24"),
		netip.MustParsePrefix("192.88.99.0/24"),
		netip.MustParsePrefix("198.18.0.0/15"),
		netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"),
		netip.MustParsePrefix("240.0.0.0/4"),
		// Those of IPv6 may hold an address of IPv4: Teredo and 6to4.
		netip.MustParsePrefix("2001::/23"),
		netip.MustParsePrefix("2001:db8::/32"),
		netip.MustParsePrefix("2002::/16"),
		netip.MustParsePrefix("3fff::/20"),
	}
}

// IsPublic reports whether an address is one of the public network: neither private nor
// of this machine, of this link, of many or of nobody.
func IsPublic(address netip.Addr) bool {
	address = address.Unmap()
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.Zone() != "" {
		return false
	}
	if address.Is6() && !netip.MustParsePrefix("2000::/3").Contains(address) {
		return false
	}
	return !slices.ContainsFunc(specialNetworks(), func(p netip.Prefix) bool { return p.Contains(address) })
}

// errPrivate refuses an address.
func errPrivate() error {
	return &Error{Kind: ErrPrivate, Message: "it leads to a private address, which the option public_only forbids"}
}

// Dialer connects to what allow allows, nil to all. It looks at the address that it is about
// to connect to, whatever the name meant before.
func Dialer(allow func(netip.Addr) bool) *net.Dialer {
	if allow == nil {
		return &net.Dialer{}
	}
	return &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !allow(to.Addr()) {
			return errPrivate()
		}
		return nil
	}}
}

// Resolve finds an address of host that allow allows, for who connects to addresses only.
func Resolve(ctx context.Context, host string, allow func(netip.Addr) bool) (netip.Addr, error) {
	if host == "" {
		return netip.Addr{}, errPrivate()
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, Explain(ctx, err)
	}
	for _, address := range addresses {
		if allow(address) {
			return address.Unmap(), nil
		}
	}
	return netip.Addr{}, errPrivate()
}
