package peer

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
)

// A tone of a telephone (RFC 4733), comfort noise or another codec of the same stream takes numbers of it: who reads
// sound neither waits for these, nor takes them for lost.
func TestPacketsOfAnotherCodecAreNeitherWaitedForNorMissing(t *testing.T) {
	p := newTestPeer(t)
	const ssrc = 77
	r := receiverOn(t, p, media.Audio, ssrc)
	got := &collector{}
	feed, err := r.Track().Attach(r.Track().Codec(), media.EncodingSettings{}, got)
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	begin := time.Now()
	for sequence := range uint16(20) {
		packet := binary.BigEndian.AppendUint16([]byte{0x80, r.options.PayloadType}, sequence)
		packet = binary.BigEndian.AppendUint32(packet, 960*uint32(sequence))
		packet = binary.BigEndian.AppendUint32(packet, ssrc)
		packet = append(packet, byte(sequence), 2, 3)
		if sequence%4 == 2 || sequence%4 == 3 {
			packet[1] = 0x80 | 101
			// Padding is none of a packet whose payload is left out.
			packet[0] |= 0x20
			packet[len(packet)-1] = 1
		}
		r.take(packet, begin.Add(time.Duration(sequence)*20*time.Millisecond))
	}
	eventually(t, "the sound", func() bool { return got.len() == 10 })
	if waited := time.Since(begin); waited > 15*time.Second {
		t.Errorf("it waited for %v", waited)
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	for i, frame := range got.frames {
		sequence := 4*(i/2) + i%2
		if frame.Data[0] != byte(sequence) || frame.Lost != 0 {
			t.Errorf("frame %d is packet %d, after %d that were lost", i, frame.Data[0], frame.Lost)
		}
		if want := time.Duration(sequence) * 20 * time.Millisecond; frame.PTS-got.frames[0].PTS != want {
			t.Errorf("frame %d is of %v, not %v", i, frame.PTS-got.frames[0].PTS, want)
		}
	}
	if counts := r.arrivals.Read(begin); counts.Packets != 10 || counts.Lost != 0 {
		t.Errorf("%d packets, %d lost", counts.Packets, counts.Lost)
	}
}
