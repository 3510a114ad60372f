package peer

import (
	"sync"
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// receptionReports is what the server says of a stream that is sent to it.
type receptionReports struct {
	mu     sync.Mutex
	counts receptionCounts
}

type receptionCounts struct {
	nacks, plis, firs uint64
	// reports is the number of reception reports; without one the rest is unknown.
	reports  uint64
	received int64
	lost     int64
	fraction float64
	// jitter is in seconds.
	jitter float64
	// roundTrip is the last of so many measurements.
	roundTrip, roundTrips time.Duration
	measurements          uint64
}

// stream is what is needed to read a report of it.
type stream struct {
	ssrc, clockRate uint32
	// first is the sequence number that it began with.
	first uint16
}

// take reads what of packets is about s. A compound packet comes to every stream
// that it has anything for.
func (r *receptionReports) take(packets []rtcp.Packet, s stream, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, packet := range packets {
		switch p := packet.(type) {
		case *rtcp.PictureLossIndication:
			r.counts.plis += count(p.MediaSSRC == s.ssrc)
		case *rtcp.FullIntraRequest:
			for _, entry := range p.FIR {
				r.counts.firs += count(entry.SSRC == s.ssrc)
			}
		case *rtcp.TransportLayerNack:
			r.counts.nacks += count(p.MediaSSRC == s.ssrc)
		case *rtcp.ReceiverReport:
			r.report(p.Reports, s, now)
		case *rtcp.SenderReport:
			r.report(p.Reports, s, now)
		}
	}
}

// report reads the block about s (RFC 3550 section 6.4.1).
func (r *receptionReports) report(blocks []rtcp.ReceptionReport, s stream, now time.Time) {
	for _, block := range blocks {
		if block.SSRC != s.ssrc {
			continue
		}
		c := &r.counts
		c.reports++
		c.lost = int64(int32(block.TotalLost<<8) >> 8) //nolint:gosec // 24 bits with a sign
		c.fraction = float64(block.FractionLost) / 256
		c.jitter = float64(block.Jitter) / float64(max(s.clockRate, 1))
		expected := int64(block.LastSequenceNumber) - int64(s.first) + 1
		c.received = max(c.received, expected-c.lost)
		if block.LastSenderReport == 0 {
			continue
		}
		// The server's clock counts in milliseconds: a short way may come out negative.
		elapsed := int32(rtpwire.CompactNTP(now) - block.LastSenderReport - block.Delay) //nolint:gosec // modulo 2^32 is meant
		c.roundTrip = time.Duration(max(elapsed, 0)) * time.Second >> 16
		c.roundTrips += c.roundTrip
		c.measurements++
	}
}

func (r *receptionReports) read() receptionCounts {
	r.mu.Lock()
	defer r.mu.Unlock()

	return r.counts
}

// senderReports is what the server says of a stream that it sends.
type senderReports struct {
	mu     sync.Mutex
	counts senderCounts
}

type senderCounts struct {
	reports, packets, bytes uint64
	// at is the server's time, which need not be the time of day.
	at time.Time
}

func (r *senderReports) take(packets []rtcp.Packet, ssrc uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, packet := range packets {
		report, ok := packet.(*rtcp.SenderReport)
		if !ok || report.SSRC != ssrc {
			continue
		}
		r.counts = senderCounts{
			reports: r.counts.reports + 1,
			packets: uint64(report.PacketCount), bytes: uint64(report.OctetCount), at: rtpwire.TimeOfNTP(report.NTPTime),
		}
	}
}

func (r *senderReports) read() senderCounts {
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
