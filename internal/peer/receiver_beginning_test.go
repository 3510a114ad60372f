package peer

import (
	"sync"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/feedback"
)

// keyframesAsked counts the requests for keyframes that a server gets of SSRCs.
func keyframesAsked(server *Peer, ssrcs ...uint32) func(ssrc uint32) int {
	var mu sync.Mutex
	counts := make(map[uint32]int)
	for _, ssrc := range ssrcs {
		server.streams.take(ssrc, nil, func(packet []byte, _ time.Time) {
			if feedback.WantsKeyframe(feedback.Packets(packet), ssrc) {
				mu.Lock()
				counts[ssrc]++
				mu.Unlock()
			}
		})
	}

	return func(ssrc uint32) int {
		mu.Lock()
		defer mu.Unlock()

		return counts[ssrc]
	}
}

func TestAPictureThatDoesNotBeginIsAskedForUntilItDoes(t *testing.T) {
	client, server := linked(t)
	const begun, sound, paused, stopped, silent = 1000, 2000, 3000, 4000, 5000
	count := keyframesAsked(server, begun, sound, paused, stopped, silent)
	receivers := make(map[uint32]*Receiver)
	for _, ssrc := range []uint32{begun, paused, stopped} {
		receivers[ssrc] = receiverOn(t, client, media.Video, ssrc)
	}
	receiverOn(t, client, media.Audio, sound)
	receivers[paused].SetPaused(true)
	eventually(t, "a packet", func() bool {
		writeRTP(t, server, begun, receivers[begun].options.PayloadType, 7, []byte{1})

		return receivers[begun].packets() > 0
	})
	eventually(t, "a request", func() bool { return count(stopped) > 0 })
	receivers[stopped].Stop()

	// What is on its way comes before the first of one that is made now.
	receiverOn(t, client, media.Video, silent)
	eventually(t, "a request", func() bool { return count(silent) > 0 })
	before := map[uint32]int{begun: count(begun), stopped: count(stopped)}
	eventually(t, "another", func() bool { return count(silent) > 1 })
	for ssrc, n := range before {
		if count(ssrc) != n {
			t.Errorf("SSRC %d was asked for %d times, and then %d", ssrc, n, count(ssrc))
		}
	}
	if count(sound)+count(paused) > 0 {
		t.Errorf("sound was asked for %d times, what is paused %d times", count(sound), count(paused))
	}
	for _, ssrc := range []uint32{paused, begun} {
		receivers[ssrc].SetPaused(true)
		before := count(ssrc)
		receivers[ssrc].SetPaused(false)
		eventually(t, "a request of what goes on", func() bool { return count(ssrc) > before })
	}
}

func TestAPictureThatNeverBeginsIsAskedForWithoutEnd(t *testing.T) {
	client, server := linked(t)
	const silent = 1000
	count := keyframesAsked(server, silent)
	receiver := receiverOn(t, client, media.Video, silent)
	b := &receiver.beginning
	for asked := 1; asked <= 10; asked++ {
		var waits time.Duration
		// Each wait ends at once.
		eventually(t, "a request", func() bool {
			b.mu.Lock()
			defer b.mu.Unlock()
			if waits = b.patience; count(silent) < asked && b.timer.Stop() {
				b.timer.Reset(0)
			}

			return count(silent) >= asked
		})
		if waits > mostPatience {
			t.Fatalf("waits %v after request %d", waits, asked)
		}
	}
}
