package generated

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
)

// beats counts the pieces of a generator by the beats of the process.
type beats struct {
	// began is the beat of piece 0, and next the one that is due next.
	began time.Duration
	next  int
}

func newBeats(now time.Time) beats {
	since := now.Sub(epoch)
	return beats{began: since - since%sound.PieceDuration}
}

// due is which pieces are to be played now, count from first on, and how long to wait for the next.
func (b *beats) due(now time.Time) (first, count int, wait time.Duration) {
	since := now.Sub(epoch) - b.began
	end := int(since/sound.PieceDuration) + 1
	first = max(b.next, end-int(mostLate/sound.PieceDuration))
	b.next = max(b.next, end)
	return first, b.next - first, time.Duration(b.next)*sound.PieceDuration - since
}
