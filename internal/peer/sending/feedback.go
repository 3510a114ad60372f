package sending

import (
	"time"

	"github.com/pion/rtcp"
)

// Types and formats of RTCP (RFC 4585 section 6.1).
const (
	rtcpReceiverReport  = 201
	rtcpTransportLayer  = 205
	rtcpPayloadSpecific = 206
	formatTransportCC   = 15
	formatREMB          = 15
)

// TakeFeedback takes what the server says of the network from the RTCP of a stream, and
// reports whether that was all. pion hands feedback to the stream that it names, which
// is that of a retransmission where such a packet came last: whichever it is counts.
func (s *Control) TakeFeedback(packet []byte, ssrc uint32, now time.Time) bool {
	const header = 4
	if len(packet) < header {
		return true
	}
	switch kind, format := packet[1], packet[0]&0x1f; {
	case kind == rtcpTransportLayer && format == formatTransportCC:
		s.feedback(packet, now)

		return true
	case kind == rtcpPayloadSpecific && format == formatREMB:
		estimate := &rtcp.ReceiverEstimatedMaximumBitrate{}
		if estimate.Unmarshal(packet) == nil {
			s.remote(estimate, now)
		}

		return true
	case kind == rtcpReceiverReport:
		report := &rtcp.ReceiverReport{}
		if report.Unmarshal(packet) == nil {
			s.lost(report, ssrc, now)
		}
	}

	return false
}

// feedback takes transport-wide feedback.
func (s *Control) feedback(packet []byte, now time.Time) {
	s.learn(func() {
		if unpacked, ok := s.unpacker.Read(packet); ok {
			s.estimator.Feedback(unpacked, now)
			s.controlled = true
			s.probe(now)
			s.repace(now)
		}
	})
	s.changed()
}

// remote takes an estimate of the server (draft-alvestrand-rmcat-remb-03).
func (s *Control) remote(packet *rtcp.ReceiverEstimatedMaximumBitrate, now time.Time) {
	s.learn(func() {
		s.estimator.Remote(float64(packet.Bitrate))
		s.controlled = true
		s.probe(now)
		s.repace(now)
	})
	s.changed()
}

// learn runs f with mu held, which a panic does not keep.
func (s *Control) learn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// lost takes a reception report, where there is no feedback that tells more.
func (s *Control) lost(packet *rtcp.ReceiverReport, ssrc uint32, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.streams[ssrc] == nil {
		return
	}
	for _, report := range packet.Reports {
		if report.SSRC == ssrc {
			s.estimator.Lost(float64(report.FractionLost)/256, reportRoundTrip, now)
		}
	}
}

// reportRoundTrip is about what reports take; loss is counted over seconds.
const reportRoundTrip = 200 * time.Millisecond
