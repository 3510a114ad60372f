package feedback

import "time"

const (
	// behindLimit is more than a packet is late that is waited for, and fewBehind more than are late by chance of a stream
	// that pauses.
	behindLimit = 2 * GiveUpAfter
	fewBehind   = 8
)

// Behind tells a stream that began anew at a lower number from packets that are late: of that, nothing comes that is newer. A
// file that is sent again does so, and what the numbers turned over meanwhile looks the same. The zero value is ready.
type Behind struct {
	since time.Time
	// count is how many came since.
	count int
}

// Take takes a packet, and whether it is older than the newest. It gives how many came of the stream that began anew, this one
// too; 0 where none did.
func (b *Behind) Take(older bool, now time.Time) int {
	if !older {
		*b = Behind{}

		return 0
	}
	if b.count == 0 {
		b.since = now
	}
	b.count++
	if b.count < fewBehind || now.Sub(b.since) < behindLimit {
		return 0
	}
	count := b.count
	*b = Behind{}

	return count
}
