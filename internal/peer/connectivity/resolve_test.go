package connectivity

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
)

func TestNamesOfCandidatesBecomeAddresses(t *testing.T) {
	unknown := errors.New("no such host")
	lookups := 0
	lookup := func(_ context.Context, network, host string) ([]netip.Addr, error) {
		lookups++
		if network != "ip" {
			t.Errorf("looked up %q", network)
		}
		switch host {
		case "two.example":
			return []netip.Addr{netip.MustParseAddr("::ffff:192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, nil
		case "many.example":
			return slices.Repeat([]netip.Addr{netip.MustParseAddr("192.0.2.9")}, 100), nil
		case "none.example":
			return nil, nil
		default:
			return nil, unknown
		}
	}
	for _, test := range []struct {
		given, want []string
		lookups     int
		failures    int
		err         error
	}{
		{given: []string{}, want: nil},
		{given: []string{"192.0.2.7", "2001:db8::7"}, want: []string{"192.0.2.7", "2001:db8::7"}},
		{given: []string{"a-b-c.local"}, want: []string{"a-b-c.local"}},
		{given: []string{"two.example", "192.0.2.7"}, want: []string{"192.0.2.1", "2001:db8::1", "192.0.2.7"}, lookups: 1},
		// Of UDP and of TCP.
		{given: []string{"two.example", "two.example"}, lookups: 1, want: []string{"192.0.2.1", "2001:db8::1", "192.0.2.1", "2001:db8::1"}},
		{given: []string{"wrong", "wrong", "192.0.2.7"}, want: []string{"192.0.2.7"}, lookups: 1, failures: 1},
		{given: []string{"wrong"}, want: []string{"wrong"}, lookups: 1, failures: 1, err: unknown},
		{given: []string{"none.example"}, want: nil, lookups: 1},
		{given: []string{"many.example"}, want: slices.Repeat([]string{"192.0.2.9"}, mostAddresses), lookups: 1},
	} {
		remote := Remote{}
		for i, address := range test.given {
			remote.Candidates = append(remote.Candidates, Candidate{Address: address, Port: uint16(i)})
		}
		lookups = 0
		failures := 0
		got, err := remote.Resolve(t.Context(), lookup, func(error) { failures++ })
		var addresses []string
		for _, c := range got.Candidates {
			addresses = append(addresses, c.Address)
		}
		if !errors.Is(err, test.err) || !slices.Equal(addresses, test.want) || lookups != test.lookups || failures != test.failures {
			t.Errorf("%v became %v, %v, after %d lookups and %d failures", test.given, addresses, err, lookups, failures)
		}
	}
}
