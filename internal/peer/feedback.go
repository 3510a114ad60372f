package peer

import (
	"io"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v5/packetio"
)

// The sizes of pion's own buffers, in bytes.
const (
	rtpBuffer  = 1000 * 1000
	rtcpBuffer = 100 * 1000
)

// buffer is what pion keeps the packets of a stream in until they are read. pion
// hands feedback to the stream that it names, which is that of a retransmission
// where such a packet came last, and nobody reads that one: it is taken out here.
// So is the work of reading it, which would be done four times.
func (s *sendSide) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	b := packetBuffer{packetio.NewBuffer()}
	if kind != packetio.RTCPBufferPacket {
		b.SetLimitSize(rtpBuffer)

		return b
	}
	b.SetLimitSize(rtcpBuffer)

	return &feedbackBuffer{packetBuffer: b, side: s, ssrc: ssrc}
}

// packetBuffer is pion's, without attributes beside the packets.
type packetBuffer struct {
	*packetio.Buffer
}

// Read implements io.Reader.
func (b packetBuffer) Read(packet []byte) (int, error) {
	n, _, err := b.Buffer.Read(packet, nil)

	return n, err
}

// Write implements io.Writer.
func (b packetBuffer) Write(packet []byte) (int, error) {
	return b.Buffer.Write(packet, nil)
}

// feedbackBuffer keeps all but feedback, which it gives to the side.
type feedbackBuffer struct {
	packetBuffer
	side *sendSide
	ssrc uint32
}

// Types and formats of RTCP (RFC 4585 section 6.1).
const (
	rtcpReceiverReport  = 201
	rtcpTransportLayer  = 205
	rtcpPayloadSpecific = 206
	formatTransportCC   = 15
	formatREMB          = 15
)

// Write implements io.Writer. Each call has one packet.
func (b *feedbackBuffer) Write(packet []byte) (n int, err error) {
	defer caught(b.side.guard, &err)
	const header = 4
	if len(packet) < header {
		return b.packetBuffer.Write(packet)
	}
	now := time.Now()
	switch kind, format := packet[1], packet[0]&0x1f; {
	case kind == rtcpTransportLayer && format == formatTransportCC:
		feedback := &rtcp.TransportLayerCC{}
		if feedback.Unmarshal(packet) == nil {
			b.side.feedback(feedback, now)
		}

		return len(packet), nil
	case kind == rtcpPayloadSpecific && format == formatREMB:
		estimate := &rtcp.ReceiverEstimatedMaximumBitrate{}
		if estimate.Unmarshal(packet) == nil {
			b.side.remote(estimate, now)
		}

		return len(packet), nil
	case kind == rtcpReceiverReport:
		report := &rtcp.ReceiverReport{}
		if report.Unmarshal(packet) == nil {
			b.side.lost(report, b.ssrc, now)
		}
	}

	return b.packetBuffer.Write(packet)
}

// feedback takes transport-wide feedback.
func (s *sendSide) feedback(packet *rtcp.TransportLayerCC, now time.Time) {
	s.learn(func() {
		if unpacked, ok := s.unpacker.Unpack(packet); ok {
			s.estimator.Feedback(unpacked, now)
			s.controlled = true
			s.probe(now)
			s.repace(now)
		}
	})
	s.changed()
}

// remote takes an estimate of the server (draft-alvestrand-rmcat-remb-03).
func (s *sendSide) remote(packet *rtcp.ReceiverEstimatedMaximumBitrate, now time.Time) {
	s.learn(func() {
		s.estimator.Remote(float64(packet.Bitrate))
		s.controlled = true
		s.probe(now)
		s.repace(now)
	})
	s.changed()
}

// learn runs f with mu held, which a panic does not keep.
func (s *sendSide) learn(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// lost takes a reception report, where there is no feedback that tells more.
func (s *sendSide) lost(packet *rtcp.ReceiverReport, ssrc uint32, now time.Time) {
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
