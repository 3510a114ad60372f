package feedback

import (
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

func TestReceptionReportsAreRead(t *testing.T) {
	var r ReceptionReports
	now := time.Unix(1_700_000_000, 250_000_000)
	s := ReportedStream{SSRC: 7, ClockRate: 90000, First: 100}
	block := rtcp.ReceptionReport{
		SSRC: 7, LastSequenceNumber: 1<<16 | 99, TotalLost: 3, FractionLost: 64, Jitter: 900,
		LastSenderReport: rtpwire.CompactNTP(now.Add(-300 * time.Millisecond)), Delay: 65536 / 5,
	}
	other := block
	other.SSRC, other.TotalLost = 8, 99
	r.Take([]rtcp.Packet{
		&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{other, block}},
		&rtcp.PictureLossIndication{MediaSSRC: 7}, &rtcp.PictureLossIndication{MediaSSRC: 8},
		&rtcp.TransportLayerNack{MediaSSRC: 7}, &rtcp.FullIntraRequest{FIR: []rtcp.FIREntry{{SSRC: 7}, {SSRC: 8}}},
	}, s, now)
	got := r.Read()
	if got.Received != 65536-3 || got.Lost != 3 || got.Fraction != 0.25 || got.Jitter != 0.01 {
		t.Errorf("read %+v", got)
	}
	if got.PLIs != 1 || got.FIRs != 1 || got.NACKs != 1 {
		t.Errorf("feedback %+v", got)
	}
	if d := got.RoundTrip - 100*time.Millisecond; d < -time.Millisecond || d > time.Millisecond {
		t.Errorf("round trip of %v", got.RoundTrip)
	}
	// The clock of the server is coarse: the answer seems to come before the question.
	block.LastSenderReport, block.TotalLost = rtpwire.CompactNTP(now), 0xffffff
	r.Take([]rtcp.Packet{&rtcp.SenderReport{Reports: []rtcp.ReceptionReport{block}}}, s, now)
	after := r.Read()
	if after.RoundTrip != 0 || after.RoundTrips != got.RoundTrips || after.Measurements != 2 || after.Lost != -1 {
		t.Errorf("then %+v", after)
	}
}

func TestSenderReportsAreRead(t *testing.T) {
	var r SenderReports
	at := time.Unix(1_700_000_000, 500_000_000)
	seconds := uint64(at.Unix() + 2_208_988_800)
	report := &rtcp.SenderReport{SSRC: 7, NTPTime: seconds<<32 | 1<<31, RTPTime: 77, PacketCount: 5, OctetCount: 600}
	r.Take([]rtcp.Packet{report, &rtcp.SenderReport{SSRC: 8}}, 7)
	if got := r.Read(); got != (SenderCounts{1, 5, 600, got.At, 77}) || !got.At.Equal(at) {
		t.Errorf("read %+v", got)
	}
}
