package feedback

import (
	"encoding/binary"
	"testing"
	"time"
)

// mixedPacket is a packet of SSRC 7 with CSRCs, whose header extension 3 has the values.
func mixedPacket(sequence uint16, timestamp uint32, csrcs []uint32, level ...byte) []byte {
	packet := []byte{0x80 | byte(len(csrcs)), 111}
	packet = binary.BigEndian.AppendUint16(packet, sequence)
	packet = binary.BigEndian.AppendUint32(packet, timestamp)
	packet = binary.BigEndian.AppendUint32(packet, 7)
	for _, csrc := range csrcs {
		packet = binary.BigEndian.AppendUint32(packet, csrc)
	}
	if len(level) > 0 {
		packet[0] |= 0x10
		packet = append(packet, 0xbe, 0xde, 0, 1, 3<<4, level[0], 0, 0)
	}

	return append(packet, 1, 2, 3)
}

func TestSourcesAreOfTheNewestPacketAndOfTheLastTenSeconds(t *testing.T) {
	a := NewArrivals(48000, 3, nil)
	begin := time.Now()
	if own, mixed := a.Sources(begin); own != nil || mixed != nil {
		t.Errorf("%v and %v before there was a packet", own, mixed)
	}
	a.Take(mixedPacket(65535, 100, nil, 40|0x80), false, begin)
	a.Take(mixedPacket(0, 200, nil, 50), false, begin.Add(time.Second))
	// It comes late.
	a.Take(mixedPacket(65534, 50, nil, 1), false, begin.Add(2*time.Second))
	own, _ := a.Sources(begin.Add(10 * time.Second))
	want := Source{SSRC: 7, Timestamp: 200, At: begin.Add(time.Second), Level: 50, HasLevel: true}
	if len(own) != 1 || own[0] != want {
		t.Errorf("%+v, want %+v", own, want)
	}
	if own, _ := a.Sources(begin.Add(11 * time.Second)); own != nil {
		t.Errorf("%+v after ten seconds", own)
	}
	a.Take(mixedPacket(1, 300, nil), false, begin.Add(12*time.Second))
	if own, _ := a.Sources(begin.Add(12 * time.Second)); len(own) != 1 || own[0].HasLevel || own[0].Timestamp != 300 {
		t.Errorf("%+v of a packet that says nothing of its level", own)
	}
}

func TestMixedSourcesAreTheNewestFirstAndBounded(t *testing.T) {
	a := NewArrivals(48000, 0, nil)
	now := time.Now()
	a.Take(mixedPacket(1, 100, []uint32{10, 11}), false, now)
	a.Take(mixedPacket(2, 200, []uint32{11, 12}), false, now.Add(time.Second))
	_, mixed := a.Sources(now.Add(time.Second))
	if len(mixed) != 3 || mixed[2].SSRC != 10 || mixed[2].Timestamp != 100 || mixed[0].Timestamp != 200 {
		t.Errorf("%+v", mixed)
	}
	if _, mixed := a.Sources(now.Add(10 * time.Second)); len(mixed) != 2 {
		t.Errorf("%+v after ten seconds", mixed)
	}
	for i := range uint16(1000) {
		a.Take(mixedPacket(3+i, 300, []uint32{1000 + uint32(i)}), false, now.Add(2*time.Second+time.Duration(i)))
	}
	_, mixed = a.Sources(now.Add(3 * time.Second))
	if len(mixed) != mostMixed || mixed[0].SSRC != 1999 {
		t.Errorf("%d sources, the newest %+v", len(mixed), mixed[0])
	}
}
