package connectivity

import (
	"strings"
	"testing"
)

// What a server tells makes no more lines than it should.
func FuzzRemote(f *testing.F) {
	f.Add("user", "password-of-some-length", "AB", "192.0.2.1", "")
	f.Add("user", "password-of-some-length", "AB", "192.0.2.1", "passive\r\na=candidate:1 1 udp 1 192.0.2.2 22 typ host")
	f.Fuzz(func(t *testing.T, fragment, password, print, address, tcpType string) {
		r := Remote{
			ICE: ICEParameters{fragment, password, true}, Fingerprints: []Fingerprint{{"sha-256", print}},
			Candidates: []Candidate{{Foundation: "f", Address: address, Protocol: "udp", Type: "host", TCPType: tcpType}},
			SCTP:       &SCTPParameters{5000, 1},
		}
		if r.Check() != nil {
			return
		}
		if lines := strings.Count(r.Answer(true), "\r\n"); lines != 26 {
			t.Errorf("%d lines: %q", lines, r.Answer(true))
		}
	})
}
