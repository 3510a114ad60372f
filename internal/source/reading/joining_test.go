package reading

import (
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
)

func TestWhatIsKeptForWhoJoinsIsBounded(t *testing.T) {
	for name, size := range map[string]int{"many": 1, "large": 1 << 20} {
		r := &Reader{container: &container.Container{}, sequential: true}
		q := r.Add(&av.Stream{})
		kept := 0
		for i := range 2 * MostPacketsAhead {
			r.remember(q, &av.Packet{Size: size, Keyframe: i == 0})
			kept = max(kept, len(q.past))
			if len(q.past) > MostPacketsAhead || q.pastBytes > MostReadAhead || q.pastBytes != len(q.past)*size {
				t.Fatalf("%s: %d packets, %d bytes", name, len(q.past), q.pastBytes)
			}
		}
		if kept != min(MostPacketsAhead, MostReadAhead/size) {
			t.Errorf("%s: %d were kept", name, kept)
		}
		if len(q.past) > 0 {
			t.Errorf("%s: what is kept begins with no keyframe", name)
		}
		r.remember(q, &av.Packet{Size: size, Keyframe: true})
		r.remember(q, &av.Packet{Size: size})
		if len(q.past) != 2 || !q.past[0].Keyframe || q.pastBytes != 2*size {
			t.Errorf("%s: %d packets after a keyframe", name, len(q.past))
		}
	}
}
