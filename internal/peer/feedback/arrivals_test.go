package feedback

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// packet makes an RTP packet with an extension of 4 bytes and 3 of padding.
func packet(sequence uint16, timestamp uint32, marker bool) []byte {
	p := make([]byte, 12+8+10+3)
	p[0] = 2<<6 | 0x20 | 0x10
	if marker {
		p[1] = 0x80
	}
	binary.BigEndian.PutUint16(p[2:], sequence)
	binary.BigEndian.PutUint32(p[4:], timestamp)
	binary.BigEndian.PutUint16(p[14:], 1)
	p[len(p)-1] = 3

	return p
}

func TestArrivalsAreCounted(t *testing.T) {
	a := &Arrivals{clockRate: 1000}
	now := time.Unix(1000, 0)
	a.Take([]byte{1, 2, 3}, false, now)
	for i := range 20 {
		if i == 7 || i == 8 {
			continue
		}
		// 10 ms between packets, 10 ms of jitter at every other.
		at := now.Add(time.Duration(i)*10*time.Millisecond + time.Duration(i%2)*10*time.Millisecond)
		a.Take(packet(uint16(65530+i), uint32(i*10), i%2 == 0), false, at)
	}
	got := a.Read(now)
	if got.Packets != 18 || got.Lost != 2 || got.Bytes != 180 || got.HeaderBytes != 360 || got.Frames != 9 {
		t.Errorf("counted %+v", got)
	}
	if got.Jitter < 0.002 || got.Jitter > 0.01 {
		t.Errorf("jitter of %v s", got.Jitter)
	}
	jitter := got.Jitter
	a.Take(packet(1, 70, false), true, now)
	got = a.Read(now.Add(time.Second))
	if got.Lost != 1 || got.Again != (rtpwire.Traffic{Packets: 1, Bytes: 10}) || got.Jitter != jitter || got.FramesPerSecond != 9 {
		t.Errorf("after a repair: %+v", got)
	}
	for i := range 10 {
		a.Skip(packet(uint16(14+i), 0, true))
	}
	a.Take(packet(24, 300, false), false, now.Add(time.Second))
	if got = a.Read(now.Add(time.Second)); got.Lost != 1 || got.Packets != 20 {
		t.Errorf("after packets that were left out: %+v", got)
	}
	if got = a.Read(now.Add(3 * time.Second)); got.FramesPerSecond != 0 {
		t.Errorf("frames in a second without one: %v", got.FramesPerSecond)
	}
}

func TestReportsTellWhatWasLost(t *testing.T) {
	a, now := &Arrivals{clockRate: 1000}, time.Unix(1000, 0)
	if _, ok := a.ReceptionReport(now); ok {
		t.Error("a report of nothing")
	}
	for _, sequence := range []uint16{65530, 65531, 65534, 1} {
		if first := a.Take(packet(sequence, 0, false), false, now); first != (sequence == 65530) {
			t.Errorf("packet %d is the first: %v", sequence, first)
		}
	}
	a.Take(packet(65532, 0, false), true, now)
	a.Reported(5<<32|1<<31, now)
	report, ok := a.ReceptionReport(now.Add(500 * time.Millisecond))
	if !ok || report.TotalLost != 4 || report.FractionLost != 128 || report.LastSequenceNumber != 1<<16|1 ||
		report.LastSenderReport != 5<<16|1<<15 || report.Delay != 1<<15 {
		t.Errorf("%v: %+v", ok, report)
	}
	if _, ok := a.ReceptionReport(now); ok {
		t.Error("the same again")
	}
	a.Take(packet(2, 0, false), false, now)
	if report, ok = a.ReceptionReport(now); !ok || report.FractionLost != 0 || report.TotalLost != 4 {
		t.Errorf("%v, then %+v", ok, report)
	}
}

// A file that is sent again by who keeps its SSRC has other numbers, half of which are lower.
func TestAStreamThatBeginsAnewAtALowerNumberIsCountedOn(t *testing.T) {
	a, now := NewArrivals(48000, 3, nil), time.Unix(1000, 0)
	send := func(first uint16, count int) {
		for i := range uint16(count) { //nolint:gosec // few
			// One of ten is lost.
			if i%10 != 5 {
				a.Take(mixedPacket(first+i, uint32(i)*960, nil, 40), false, now)
			}
			now = now.Add(20 * time.Millisecond)
		}
	}
	send(30_000, 1000)
	a.ReceptionReport(now)
	before := a.Read(now)
	send(10_000, 1000)
	after := a.Read(now)
	// Nothing is known of what was lost within its first second.
	if lost := after.Lost - before.Lost; before.Lost != 100 || lost < 90 || lost > 100 {
		t.Errorf("%d lost before, and %d of another thousand", before.Lost, lost)
	}
	if own, _ := a.Sources(now); len(own) != 1 || now.Sub(own[0].At) > 100*time.Millisecond {
		t.Errorf("heard: %+v at %v", own, now)
	}
	if sound := after.Sound - before.Sound; sound < 14*time.Second {
		t.Errorf("%v of sound in 20 s", sound)
	}
	if report, _ := a.ReceptionReport(now); report.LastSequenceNumber != 1<<16|10_999 || report.FractionLost < 20 {
		t.Errorf("reported %+v", report)
	}
}
