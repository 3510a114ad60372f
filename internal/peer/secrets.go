package peer

import (
	"slices"
	"strings"
	"sync"
)

const (
	// leastSecret is what is hidden: a shorter one would be found in any line.
	leastSecret = 4
	// mostSecrets of each kind are remembered, the newest: each restart of ICE has a password of its own.
	mostSecrets = 64
)

// Secrets are the passwords that a connection knows: of TURN servers, and ICE's. pion writes some into its log. The
// zero value has none.
type Secrets struct {
	mu sync.RWMutex
	// servers' stay while those of ICE come and go.
	values, servers []string
	hidden          *strings.Replacer
}

// Add remembers passwords of ICE.
func (s *Secrets) Add(values ...string) { s.remember(&s.values, values) }

func (s *Secrets) remember(kind *[]string, values []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range values {
		if len(value) < leastSecret {
			continue
		}
		// One that is in use again is the newest.
		*kind = append(slices.DeleteFunc(*kind, func(known string) bool { return known == value }), value)
	}
	*kind = (*kind)[max(len(*kind)-mostSecrets, 0):]
	// Of one that another begins with, the rest would be left.
	longest := slices.Concat(s.values, s.servers)
	slices.SortFunc(longest, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(longest))
	for _, value := range longest {
		pairs = append(pairs, value, "…")
	}
	s.hidden = strings.NewReplacer(pairs...)
}

// Hide leaves the passwords out of a line.
func (s *Secrets) Hide(line string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.hidden == nil {
		return line
	}

	return s.hidden.Replace(line)
}

// addServers remembers the passwords of ICE servers.
func (s *Secrets) addServers(servers []ICEServer) {
	credentials := make([]string, 0, len(servers))
	for _, server := range servers {
		credentials = append(credentials, server.Credential)
	}
	s.remember(&s.servers, credentials)
}
