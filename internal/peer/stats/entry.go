package stats

import (
	"fmt"
	"strings"
)

// Entry is one W3C stats object (webrtc-stats), timestamps in milliseconds.
type Entry = map[string]any

// Selected is W3C's stats selection algorithm (webrtc-pc section 8.5): the
// streams of a kind, and all that is referred to from them.
func Selected(kind string, all []Entry) []Entry {
	byID := make(map[string]Entry, len(all))
	chosen := []Entry{}
	for _, e := range all {
		id, _ := e["id"].(string)
		if e["type"] == kind {
			chosen = append(chosen, e)
		} else {
			byID[id] = e
		}
	}
	for i := 0; i < len(chosen); i++ {
		for name, value := range chosen[i] {
			id, isText := value.(string)
			if !isText || !strings.HasSuffix(name, "Id") {
				continue
			}
			if e, ok := byID[id]; ok {
				delete(byID, id)
				chosen = append(chosen, e)
			}
		}
	}

	return chosen
}

// ID is that of an entry of a kind.
func ID[N any](kind string, of N) string { return fmt.Sprintf("%s-%v", kind, of) }
