package peer

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

// report is nil for a stream that is not being sent.
func (o *outbound) report(now time.Time) *rtcp.SenderReport {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writer == nil || o.last.sent.IsZero() || now.Sub(o.last.sent) > reportSilence {
		return nil
	}

	return &rtcp.SenderReport{
		SSRC:        o.counts.ssrc,
		NTPTime:     rtpwire.NTPTime(now),
		RTPTime:     o.last.timestamp + o.packetizer.Ticks(now.Sub(o.last.taken)),
		PacketCount: uint32(o.counts.packets), //nolint:gosec // modulo 2^32 is meant
		OctetCount:  uint32(o.counts.bytes),   //nolint:gosec // modulo 2^32 is meant
	}
}
