package peer

import (
	"slices"
	"strings"
	"sync"
)

const (
	// leastSecret is what is hidden: a shorter one would be found in any line.
	leastSecret = 4
	// mostSecrets are remembered, the newest: each restart of ICE has a password of its own.
	mostSecrets = 64
)

// Secrets are the passwords that a connection knows: of TURN servers, and ICE's. pion writes some into its log. The
// zero value has none.
type Secrets struct {
	mu     sync.RWMutex
	values []string
	hidden *strings.Replacer
}

// Add remembers passwords.
func (s *Secrets) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range values {
		if len(value) >= leastSecret && !slices.Contains(s.values, value) {
			s.values = append(s.values, value)
		}
	}
	s.values = s.values[max(len(s.values)-mostSecrets, 0):]
	// Of one that another begins with, the rest would be left.
	longest := slices.SortedFunc(slices.Values(s.values), func(a, b string) int { return len(b) - len(a) })
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
	for _, server := range servers {
		s.Add(server.Credential)
	}
}
