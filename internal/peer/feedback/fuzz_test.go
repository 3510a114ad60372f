package feedback

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// What a server tells of streams, and asks for, is counted within bounds.
func FuzzRTCP(f *testing.F) {
	const ssrc = 7
	for _, packets := range [][]rtcp.Packet{
		{&rtcp.TransportLayerNack{MediaSSRC: ssrc, Nacks: []rtcp.NackPair{{PacketID: 65535, LostPackets: 0xffff}}}},
		{&rtcp.PictureLossIndication{MediaSSRC: ssrc}, &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: ssrc}}}},
		{&rtcp.SenderReport{SSRC: ssrc, NTPTime: 1 << 62, RTPTime: 5, Reports: []rtcp.ReceptionReport{{SSRC: ssrc, TotalLost: 0x7fffff}}}},
		{&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: ssrc, FractionLost: 255, Jitter: 1 << 31, LastSenderReport: 1}}}},
		{&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Items: []rtcp.SourceDescriptionItem{{Type: 1, Text: "c"}}}}}},
	} {
		compound, err := rtcp.Marshal(packets)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(compound)
	}
	f.Fuzz(func(t *testing.T, compound []byte) {
		packets := Packets(compound)
		if missed := Missed(packets, ssrc); len(missed) > 17*len(compound)/4 {
			t.Fatalf("%d packets are asked for in %d bytes", len(missed), len(compound))
		}
		WantsKeyframe(packets, ssrc)
		now := time.Unix(1_800_000_000, 0)
		var reception ReceptionReports
		reception.Take(packets, ReportedStream{SSRC: ssrc, ClockRate: 90_000, First: 1}, now)
		counts := reception.Read()
		if lost := counts.Lost; lost < -1<<23 || lost >= 1<<23 || counts.Fraction < 0 || counts.Fraction > 1 ||
			counts.RoundTrip < 0 || counts.RoundTrip > 10*time.Hour || math.IsNaN(counts.Jitter) {
			t.Errorf("%+v", counts)
		}
		var sender SenderReports
		sender.Take(packets, ssrc)
		sender.Read()
		// What others read of the compound packet is read here as well.
		all, err := rtcp.Unmarshal(compound)
		if err != nil {
			return
		}
		known := 0
		for _, packet := range all {
			switch packet.(type) {
			case *rtcp.SenderReport, *rtcp.ReceiverReport, *rtcp.TransportLayerNack, *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				known++
			}
		}
		if known != len(packets) {
			t.Errorf("%d packets of %d", len(packets), known)
		}
	})
}

// Packets of RTP of any header are counted, and reported so that it can be written.
func FuzzArrivals(f *testing.F) {
	f.Add([]byte{0x80, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 7, 1, 2, 3}, uint16(1), uint32(960))
	f.Add([]byte{0x93, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1, 0x60, 0x85, 0, 0, 9}, uint16(65535), uint32(1<<31))
	f.Fuzz(func(t *testing.T, packet []byte, step uint16, ticks uint32) {
		a := NewArrivals(48_000, 6, nil)
		now := time.Unix(1_800_000_000, 0)
		for i := range uint16(40) {
			if len(packet) >= 12 {
				binary.BigEndian.PutUint16(packet[2:], step*i)
				binary.BigEndian.PutUint32(packet[4:], ticks*uint32(i))
				packet[11] = byte(i)
			}
			if i%7 == 6 {
				a.Skip(packet)
			} else {
				a.Take(packet, i%5 == 4, now)
			}
			now = now.Add(20 * time.Millisecond)
		}
		counts := a.Read(now)
		if counts.Jitter < 0 || math.IsNaN(counts.Jitter) || math.IsInf(counts.Jitter, 0) || counts.Energy < 0 || counts.Sound < 0 {
			t.Errorf("%+v", counts)
		}
		if _, mixed := a.Sources(now); len(mixed) > mostMixed {
			t.Errorf("%d sources", len(mixed))
		}
		if report, ok := a.ReceptionReport(now); ok {
			if _, err := (&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{report}}).Marshal(); err != nil {
				t.Errorf("%+v: %v", report, err)
			}
		}
	})
}

// Whatever numbers packets have, what acknowledges them fits into packets of the network.
func FuzzAcknowledgements(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 9, 255, 255, 0, 0, 127, 0})
	f.Fuzz(func(t *testing.T, numbers []byte) {
		a := NewAcknowledgements(nil)
		// Nothing runs: what is said is read here.
		a.running = true
		packet := []byte{0x90, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 0x31, 0, 0, 0}
		now := a.began
		for ; len(numbers) >= 2; numbers = numbers[2:] {
			copy(packet[17:], numbers[:2])
			now = now.Add(time.Duration(numbers[1]) * time.Millisecond)
			a.take(3, packet, now)
		}
		for _, one := range append(a.built, a.recorder.BuildFeedbackPacket()...) {
			written, err := one.Marshal()
			if err != nil || len(written) > 1200 {
				t.Errorf("%d bytes, %v", len(written), err)
			}
		}
	})
}
