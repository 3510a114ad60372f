package source_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// unused is an address of this machine where nobody listens.
func unused(t testing.TB) string {
	t.Helper()
	return loopback(free(t, func(port int) bool {
		listener, err := net.Listen("tcp", loopback(port))
		if err != nil {
			return false
		}
		_ = listener.Close()
		return true
	}))
}

// udpPort is even, as RTP asks, and the next is free for RTCP.
func udpPort(t testing.TB) int {
	t.Helper()
	return free(t, func(port int) bool {
		for _, one := range []int{port, port + 1} {
			conn, err := net.ListenPacket("udp", loopback(one))
			if err != nil {
				return false
			}
			_ = conn.Close()
		}
		return true
	})
}

// free finds an even port. It is in use only once a program that is told of it listens; until then nobody may be
// given it who asks for any port. Linux gives those below 61000 (ip_local_port_range), mediasoup those below 60000.
func free(t testing.TB, is func(port int) bool) int {
	t.Helper()
	for range 100 {
		if port := 61000 + 2*rand.IntN((65536-61000)/2); is(port) {
			return port
		}
	}
	t.Fatal("no free ports")
	return 0
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
