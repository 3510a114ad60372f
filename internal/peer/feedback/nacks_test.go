package feedback

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

func askFor(t *testing.T, roundTrip time.Duration) (*NACKs, func(now time.Time) []uint16, func(again bool, sequences ...uint16)) {
	t.Helper()
	n := NewNACKs(func(string, func(context.Context)) {}, func() time.Duration { return roundTrip })
	var asked []uint16
	n.BindRTCPWriter(interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, _ interceptor.Attributes) (int, error) {
		for _, packet := range packets {
			for _, pair := range packet.(*rtcp.TransportLayerNack).Nacks { //nolint:forcetypeassert // nothing else
				asked = append(asked, pair.PacketList()...)
			}
		}

		return 0, nil
	}))
	var arriving []byte
	stream := func(ssrc uint32, feedback ...interceptor.RTCPFeedback) interceptor.RTPReader {
		return n.BindRemoteStream(&interceptor.StreamInfo{SSRC: ssrc, RTCPFeedback: feedback},
			interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
				return copy(b, arriving), a, nil
			}))
	}
	media, again := stream(1, interceptor.RTCPFeedback{Type: "nack"}), stream(2)
	n.RepairedBy(1, 2)
	buffer := make([]byte, rtpwire.MTU)
	take := func(isAgain bool, sequences ...uint16) {
		for _, sequence := range sequences {
			high, low := byte(sequence>>8), byte(sequence) //nolint:gosec // two halves
			arriving = append([]byte{0x80, 96, high, low}, make([]byte, 9)...)
			reader := media
			if isAgain {
				arriving = append(append([]byte{0x80, 97, 0, 1}, make([]byte, 8)...), high, low, 1)
				reader = again
			}
			if _, _, err := reader.Read(buffer, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask := func(now time.Time) []uint16 {
		asked = nil
		n.ask(now)

		return asked
	}

	return n, ask, take
}

func TestMissingPacketsAreAskedForUntilTheyCome(t *testing.T) {
	n, ask, take := askFor(t, 40*time.Millisecond)
	now := time.Now()
	take(false, 65533, 65534, 1, 2, 4)
	if got := ask(now); !slices.Equal(got, []uint16{65535, 0, 3}) {
		t.Fatalf("asked for %v", got)
	}
	if got := ask(now.Add(30 * time.Millisecond)); len(got) != 0 {
		t.Fatalf("asked for %v within the round trip", got)
	}
	take(true, 65535)
	take(false, 3)
	if got := ask(now.Add(60 * time.Millisecond)); !slices.Equal(got, []uint16{0}) {
		t.Fatalf("asked for %v, of which two have come", got)
	}
	take(true, 0)
	if n.ask(now.Add(120 * time.Millisecond)) {
		t.Error("something is missing still")
	}
	if sent := n.Sent(1); sent != 2 {
		t.Errorf("%d NACKs are counted", sent)
	}
}

func TestMissingPacketsAreGivenUp(t *testing.T) {
	n, ask, take := askFor(t, 0)
	now := time.Now()
	take(false, 1, 3)
	times := 0
	for i := range 100 {
		times += len(ask(now.Add(time.Duration(i) * NACKInterval)))
	}
	if times == 0 || times > maxNacks || n.ask(now) {
		t.Fatalf("asked %d times", times)
	}
	// A jump is no loss.
	take(false, 20_000, 20_001)
	if got := ask(time.Now()); len(got) != 0 {
		t.Fatalf("asked for %d packets after a jump", len(got))
	}
}

func TestNoMorePacketsAreAskedForThanMayBe(t *testing.T) {
	for missing, want := range map[int]int{mostMissing - 1: mostMissing - 1, mostMissing: 0} {
		_, ask, take := askFor(t, 0)
		take(false, 1, uint16(missing+2)) //nolint:gosec // small
		if got := ask(time.Now()); len(got) != want {
			t.Errorf("%d of %d are asked for", len(got), missing)
		}
	}
	// Hole after hole.
	_, ask, take := askFor(t, 0)
	for sequence := range uint16(4 * mostMissing) {
		take(false, 2*sequence)
	}
	got := ask(time.Now())
	if len(got) != mostMissing || got[len(got)-1] != 8*mostMissing-3 {
		t.Errorf("%d are asked for, the last is %d", len(got), got[len(got)-1])
	}
}

func TestWhatAStreamMissesIsAskedForAfterItBeganAnewAtALowerNumber(t *testing.T) {
	g, now := &gaps{}, time.Unix(1000, 0)
	missing := 0
	for _, first := range []uint16{30_000, 20_000} {
		for i := range uint16(200) {
			if i%10 != 5 {
				g.follow(first+i, now)
			}
			now = now.Add(20 * time.Millisecond)
			missing += len(g.due(now, time.Hour))
		}
	}
	// Nothing is known of what was lost within its first second.
	if missing < 34 || missing > 40 {
		t.Errorf("%d were asked for, of 40 that are missing", missing)
	}
}
