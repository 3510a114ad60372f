package connectivity

import (
	"net"
	"testing"
)

func TestAServerOfOneFamilyFailsByThatFamilyAlone(t *testing.T) {
	for _, test := range []struct {
		network, address string
		isOther          bool
	}{
		{"tcp6", "127.0.0.1:1", true},
		{"tcp4", "[::1]:1", true},
		{"tcp4", "127.0.0.1:1", false},
		{"tcp6", "[::1]:1", false},
	} {
		t.Run(test.network+" "+test.address, func(t *testing.T) {
			address, err := net.ResolveTCPAddr(test.network, test.address)
			if err == nil {
				_, err = net.DialTCP(test.network, nil, address)
			}
			if err == nil || hasNoSuchAddress(err) != test.isOther {
				t.Fatalf("%v: expected that the server has no such address to be %v", err, test.isOther)
			}
		})
	}
	if hasNoSuchAddress(&net.AddrError{Err: "missing port in address"}) {
		t.Error("a URL without a port is no matter of families")
	}
}
