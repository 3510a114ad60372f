package congestion

import (
	"math"
	"testing"
	"time"
)

// Feedback of a server that lies neither breaks the estimate nor tells of more than is remembered.
func FuzzFeedback(f *testing.F) {
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 2, 0, 0, 1, 0, 0x20, 2, 4, 8}, uint16(3))
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 14, 0, 0, 1, 0, 0xd5, 0x55, 1, 1}, uint16(20))
	f.Fuzz(func(t *testing.T, packet []byte, sent uint16) {
		now := time.Unix(1_800_000_000, 0)
		e, u := NewEstimator(300_000), &Unpacker{}
		e.Begun(now)
		for range min(sent, 200) {
			e.Sent(1000, 0, now)
			now = now.Add(time.Millisecond)
		}
		for range 3 {
			feedback, ok := u.Read(packet)
			if !ok {
				continue
			}
			if len(feedback.Packets) > mostUnanswered {
				t.Fatalf("%d packets", len(feedback.Packets))
			}
			now = now.Add(50 * time.Millisecond)
			e.Feedback(feedback, now)
			bitrate, _ := e.Bitrate(now)
			if bitrate <= 0 || bitrate > math.MaxInt32 || e.RoundTrip() < 0 {
				t.Fatalf("%d bit/s, a round trip of %v", bitrate, e.RoundTrip())
			}
		}
	})
}

// A packet of 40 bytes may say that it tells of 65535 packets, which took 4 MB to read.
func TestFeedbackOfMorePacketsThanAreRememberedIsNotRead(t *testing.T) {
	packet := []byte{0x8f, 205, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 0}
	for range 9 {
		packet = append(packet, 0x3f, 0xff)
	}
	packet = append(packet, 0, 0)
	for _, c := range []struct {
		count int
		most  uint64
	}{{mostUnanswered + 1, 1 << 10}, {math.MaxUint16, 1 << 10}, {mostUnanswered, 1 << 20}} {
		packet[14], packet[15] = byte(c.count>>8), byte(c.count)
		result := testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				if _, ok := (&Unpacker{}).Read(packet); ok {
					b.Fatal("packets without times")
				}
			}
		})
		if got := uint64(result.AllocedBytesPerOp()); got > c.most {
			t.Errorf("%d packets: %d bytes", c.count, got)
		}
	}
}
