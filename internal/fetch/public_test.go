package fetch

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	for _, address := range []string{"1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.63.0.1", "2606:4700::1111", "::ffff:1.1.1.1"} {
		if !IsPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s is taken for private", address)
		}
	}
	for _, address := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "fc00::1", "fd12::1",
		"fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "100::1",
	} {
		if IsPublic(netip.MustParseAddr(address)) {
			t.Errorf("%s is taken for public", address)
		}
	}
}

func TestPublicOnlyForbidsEveryWayToAPrivateAddress(t *testing.T) {
	var reached atomic.Int32
	address := serve(t, func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	c := client(t, Config{Allow: IsPublic})
	for _, host := range []string{"127.0.0.1", "localhost", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		_, err := c.Open(t.Context(), "http://"+host+":"+port+"/", 0, 0)
		if !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
	// Where a redirect leads is looked at as well.
	redirect := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.2:"+port+"/", http.StatusFound)
	})
	one := client(t, Config{Allow: func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }})
	if _, err := one.Open(t.Context(), redirect, 0, 0); !errors.Is(err, ErrPrivate) {
		t.Errorf("a redirect: %v", err)
	}
	t.Setenv("HTTP_PROXY", address)
	if _, err := c.Open(t.Context(), "http://no-such-host.invalid/", 0, 0); err == nil {
		t.Error("a proxy was asked")
	}
	if reached.Load() != 0 {
		t.Errorf("it was reached %d times", reached.Load())
	}
}
