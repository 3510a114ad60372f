package peer

import (
	"errors"
	"testing"
)

// pion's parser never comes back from these.
func TestURLsOfICEServersThatAreNoneAreRefused(t *testing.T) {
	p := newTestPeer(t)
	for _, url := range []string{"stun:[]a", "turn:[::1]a:1?transport=udp", "turns:[a]]", "stuns:[]%41", "STUN:[]\u03f2"} {
		servers := []ICEServer{{URLs: []string{"stun:127.0.0.1:9", url}, Username: "a", Credential: "b"}}
		if err := p.SetICEServers(servers); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", url, err)
		}
		if _, err := New(Options{ICEServers: servers}); !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if err := p.SetICEServers([]ICEServer{{URLs: []string{"stun:[::1]", "stun:[::1]:9", "stun:a"}}}); err != nil {
		t.Error(err)
	}
}
