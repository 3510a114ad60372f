package feedback

import (
	"sync"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// ReceptionReports is what the server says of a stream that is sent to it.
type ReceptionReports struct {
	mu     sync.Mutex
	counts ReceptionCounts
}

// ReceptionCounts is what the server told of a stream so far.
type ReceptionCounts struct {
	NACKs, PLIs, FIRs uint64
	// Reports is the number of reception reports; without one the rest is unknown.
	Reports  uint64
	Received int64
	Lost     int64
	Fraction float64
	// Jitter is in seconds.
	Jitter float64
	// RoundTrip is the last of so many measurements.
	RoundTrip, RoundTrips time.Duration
	Measurements          uint64
}

// ReportedStream is what is needed to read a report of it.
type ReportedStream struct {
	SSRC, ClockRate uint32
	// First is the sequence number that it began with.
	First uint16
}

// Take reads what of packets is about s. A compound packet comes to every stream
// that it has anything for.
func (r *ReceptionReports) Take(packets []rtcp.Packet, s ReportedStream, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, packet := range packets {
		switch p := packet.(type) {
		case *rtcp.PictureLossIndication:
			r.counts.PLIs += count(p.MediaSSRC == s.SSRC)
		case *rtcp.FullIntraRequest:
			for _, entry := range p.FIR {
				r.counts.FIRs += count(entry.SSRC == s.SSRC)
			}
		case *rtcp.TransportLayerNack:
			r.counts.NACKs += count(p.MediaSSRC == s.SSRC)
		case *rtcp.ReceiverReport:
			r.report(p.Reports, s, now)
		case *rtcp.SenderReport:
			r.report(p.Reports, s, now)
		}
	}
}

// report reads the block about s (RFC 3550 section 6.4.1).
func (r *ReceptionReports) report(blocks []rtcp.ReceptionReport, s ReportedStream, now time.Time) {
	for _, block := range blocks {
		if block.SSRC != s.SSRC {
			continue
		}
		c := &r.counts
		c.Reports++
		c.Lost = int64(int32(block.TotalLost<<8) >> 8) //nolint:gosec // 24 bits with a sign
		c.Fraction = float64(block.FractionLost) / 256
		c.Jitter = float64(block.Jitter) / float64(max(s.ClockRate, 1))
		expected := int64(block.LastSequenceNumber) - int64(s.First) + 1
		c.Received = max(c.Received, expected-c.Lost)
		if block.LastSenderReport == 0 {
			continue
		}
		// The server's clock counts in milliseconds: a short way may come out negative.
		elapsed := int32(rtpwire.CompactNTP(now) - block.LastSenderReport - block.Delay) //nolint:gosec // modulo 2^32 is meant
		c.RoundTrip = time.Duration(max(elapsed, 0)) * time.Second >> 16
		c.RoundTrips += c.RoundTrip
		c.Measurements++
	}
}

// Read is what was told so far.
func (r *ReceptionReports) Read() ReceptionCounts {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.counts
}

// SenderReports is what the server says of a stream that it sends.
type SenderReports struct {
	mu     sync.Mutex
	counts SenderCounts
}

// SenderCounts is what the server told last of a stream of its own.
type SenderCounts struct {
	Reports, Packets, Bytes uint64
	// At is the server's time, which need not be the time of day, of which Timestamp is RTP's.
	At        time.Time
	Timestamp uint32
}

// Take reads what of packets is about a stream.
func (r *SenderReports) Take(packets []rtcp.Packet, ssrc uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, packet := range packets {
		report, ok := packet.(*rtcp.SenderReport)
		if !ok || report.SSRC != ssrc {
			continue
		}
		r.counts = SenderCounts{
			Reports: r.counts.Reports + 1,
			Packets: uint64(report.PacketCount), Bytes: uint64(report.OctetCount), At: rtpwire.TimeOfNTP(report.NTPTime),
			Timestamp: report.RTPTime,
		}
	}
}

// Read is what was told last.
func (r *SenderReports) Read() SenderCounts {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.counts
}

func count(yes bool) uint64 {
	if yes {
		return 1
	}

	return 0
}
