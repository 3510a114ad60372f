package peer

import (
	"slices"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// Whatever comes does no harm.
func FuzzReceivedPackets(f *testing.F) {
	f.Add([]byte{0x80, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 7, 1, 2, 3})
	p, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = p.Close() })
	r, err := p.AddReceiver(ReceiverOptions{
		Parameters: parametersOf(media.Video, "1"), Kind: media.Video, Stream: Stream{SSRC: 1, RTX: 2},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, packet []byte) {
		for _, take := range []packetSink{r.take, r.takeAgain, r.takeRTCP, p.streams.strays} {
			take(slices.Clone(packet), time.Now())
		}
		p.side.TakeFeedback(packet, 1, time.Now())
	})
}
