package sending

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// lastFrame is what the last frame that was sent tells of the stream's clock.
type lastFrame struct {
	// timestamp is of RTP, taken when the frame was.
	timestamp uint32
	taken     time.Time
	sent      time.Time
}

// reportSilence is after how long without a packet a stream is not reported:
// who has not sent for two intervals is no sender (RFC 3550 section 6.4).
const reportSilence = 2 * reportInterval

// Report is nil for a stream that is not being sent.
func (s *Stream) Report(now time.Time) *rtcp.SenderReport {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paced == nil || s.last.sent.IsZero() || now.Sub(s.last.sent) > reportSilence {
		return nil
	}

	return &rtcp.SenderReport{
		SSRC:        s.counts.SSRC,
		NTPTime:     rtpwire.NTPTime(now),
		RTPTime:     s.last.timestamp + s.packetizer.Ticks(now.Sub(s.last.taken)),
		PacketCount: uint32(s.counts.Packets), //nolint:gosec // modulo 2^32 is meant
		OctetCount:  uint32(s.counts.Bytes),   //nolint:gosec // modulo 2^32 is meant
	}
}
