package stats

import (
	"sync"
	"time"
)

// keptFor is how long a report is given again, libwebrtc's: who asks for those of many streams asks for much twice.
const keptFor = 50 * time.Millisecond

// Kept is a report that is given again for a while. The zero value is ready.
type Kept struct {
	mu      sync.Mutex
	at      time.Time
	changes uint64
	entries []Entry
}

// Read gives the report that was gathered last, unless it is too old or changes is not what it was then: it is gathered anew
// then, once for all who ask meanwhile.
func (k *Kept) Read(changes uint64, now time.Time, gather func() []Entry) []Entry {
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := now.Sub(k.at); k.entries == nil || changes != k.changes || age >= keptFor {
		k.entries, k.changes, k.at = gather(), changes, now
	}

	return k.entries
}
